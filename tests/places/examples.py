"""Addresses in two counties, to train a classifier with."""

HANGZHOU, NANJING = "330110", "320106"
ROADS = {HANGZHOU: ["文一西路", "荆长大道", "五常大道"], NANJING: ["中央路", "湖南路", "云南北路"]}
ADDRESSES = [(f"{road}{n}号", code) for code, roads in ROADS.items() for road in roads for n in (1, "2栋", "3室", 4)]
