"""Addresses in two counties, to train a classifier with, and full ones to learn names from."""

HANGZHOU, NANJING = "330110", "320106"
ROADS = {HANGZHOU: ["文一西路", "荆长大道", "五常大道"], NANJING: ["中央路", "湖南路", "云南北路"]}
ADDRESSES = [(f"{road}{n}号", code) for code, roads in ROADS.items() for road in roads for n in (1, "2栋", "3室", 4)]
ORDERS = [
    "浙江省杭州市余杭区仓前街道文一西路969号海创园3幢502室",
    "浙江省杭州市余杭区仓前街道文一西路1218号",
    "浙江省杭州市余杭区仓前街道文一西路1500号",
    "浙江省杭州市西湖区文一西路98号",
    "江苏省南京市鼓楼区中央路1号",
    "没有地名的一行",
]
