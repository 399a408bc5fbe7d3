"""Lines that name no place, made up: goods, dishes, shops, messages, some with a place's name in them (长沙臭豆腐)."""

from __future__ import annotations

import random
from collections.abc import Iterator

from buqi.address.settled import plain_kind
from buqi.divisions import Matcher
from buqi.divisions.names import short_name

DISHES = tuple(
    """臭豆腐 凉皮 烤鸭 板鸭 小笼包 拉面 米粉 米线 火锅 烧饼 麻花 煎饼 热干面 酸辣粉 螺蛳粉 肉夹馍 羊肉汤 牛肉面 炸酱面 豆腐脑 烧鸡
    香肠 腊肉 醋 酱油 白酒 啤酒 黄酒 绿茶 红茶 毛尖 大米 苹果 红枣 枸杞 核桃 板栗 蜜桔 脐橙 西瓜 大闸蟹 海鲜 小龙虾 烤鱼 烤串 麻辣烫
    小吃 特产 月饼 粽子 汤圆 豆瓣酱 榨菜 阿胶 火腿 粉丝 鸭血粉丝 锅贴 生煎 云吞 肠粉 煲仔饭 早茶 糖水""".split()
)
GOODS = tuple(
    """手机壳 数据线 充电宝 蓝牙耳机 保温杯 瑜伽裤 运动鞋 羽绒服 牛仔裤 连衣裙 衬衫 袜子 内衣 拖鞋 雨伞 书包 行李箱 钱包 手表 眼镜
    洗衣液 洗发水 牙膏 毛巾 纸巾 面膜 口红 香水 剃须刀 吹风机 电饭锅 电热水壶 空气炸锅 扫地机器人 台灯 键盘 鼠标 显示器 打印机 路由器
    奶粉 纸尿裤 玩具车 积木 拼图 绘本 中性笔 笔记本 订书机 螺丝刀 电钻 水龙头 花洒 窗帘 地毯 沙发 床垫 枕头 被套 四件套 衣架 收纳箱
    猫粮 狗粮 鱼缸 花盆 种子 化肥 茶叶 咖啡 巧克力 饼干 薯片 牛奶 酸奶 鸡蛋 面粉 食用油 大蒜 土豆 西红柿 香蕉 车载支架 机油 轮胎""".split()
)
MANNERS = tuple(
    "加厚 加绒 大码 男款 女款 儿童 新款 包邮 正品 特价 两件装 三包 500ml 1kg 黑色 白色 红色 XL码 套装 批发 家用 便携".split()
)
SHOPS = tuple(
    """便利店 理发店 美发 奶茶 奶茶店 五金店 水果店 服装店 药店 书店 花店 洗车 修理 面馆 饭馆 餐厅 烧烤 烘焙 宠物店 干洗店 快餐
    旗舰店 专卖店 美容 足疗 网吧 摄影 文具 眼镜店 珠宝 建材 装饰公司 科技公司 商贸公司 物流 贸易有限公司 律师事务所""".split()
)
MESSAGES = tuple(
    """明天下午送到 请放在门口 麻烦打电话 不在家请放门卫 周末不要送货 尽快发货谢谢 已经付款了 请问什么时候发货 收到货了 质量不错
    需要开发票 退货退款 换成大一号的 不要辣 多放香菜 少糖去冰 到了叫我 我在楼下 没有地址 地址不详 同上 无 暂无 测试 待定 不知道
    货到付款 易碎品轻拿轻放 生日快乐 新年快乐 会议改到三点 请尽快回复 谢谢老板 好的收到 今天天气真好 加急订单 赠品不要漏发
    请联系客服 微信转账 密码是多少 电话打不通 下周再说 数量两个 尺寸如图 一共三件 发顺丰 自提 代收点 老地方 跟上次一样""".split()
)
OF_PLACES = tuple(
    """话 人 菜 天气 时间 旅游攻略 地图 队 球迷 大妈 老乡 方言 戏曲 历史 机票 火车票 公交卡 户口 彩票 新闻 晚报 日报 电视台 房价
    身份证 车牌 导游 美食节 马拉松 民歌 故事 欢迎你 一日游 自驾游 三日游 银行卡 风味 特色菜 土菜 口味 品牌 制造""".split()
)
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉建文"
SHOP_NAMES = "好运来 小熊 阿强 老王 甜蜜 快乐 星星 东方 喜洋洋 美丽 大众 天天 一品 聚福 鑫鑫 蓝天 金牌 时尚 绿叶 小城 幸福".split()


def no_places(matcher: Matcher, count: int, rng: random.Random) -> Iterator[str]:
    """Yield ``count`` lines, no two equal, that name no place and that the names alone do not settle."""
    table = matcher.table
    shorts = sorted({short_name(d.name) for level in ("province", "city", "county") for d in table.at(level)})
    places = [name for name in shorts if 2 <= len(name) <= 4]
    made: set[str] = set()
    while len(made) < count:
        text = _line(places, rng)
        if text not in made and plain_kind(matcher.match(text), matcher) is None:
            made.add(text)
            yield text


def _line(places: list[str], rng: random.Random) -> str:
    """Return a line; half of them hold a place's name."""
    choose = rng.choice
    ways = (
        lambda: choose(places) + choose(("", "", "正宗", "特产", "老", "手工")) + choose(DISHES),
        lambda: choose(places) + choose(DISHES) + choose(MANNERS),
        lambda: choose(places) + choose(OF_PLACES),
        lambda: choose(places) + choose(SHOPS),
        lambda: choose(("正宗", "我爱", "去", "来自", "喜欢", "想念", "老")) + choose(places) + choose((*OF_PLACES, *DISHES)),
        lambda: choose(GOODS) + choose(MANNERS),
        lambda: choose(("", *MANNERS)) + choose(GOODS) + choose(("", f"{rng.randint(1, 50)}个", f"x{rng.randint(1, 9)}")),
        lambda: choose(SHOP_NAMES) + choose(SHOPS),
        lambda: choose(MESSAGES) + choose(("", "", "，谢谢", "！", choose(MESSAGES))),
        lambda: choose(SURNAMES) + choose(GIVEN) + choose(("", choose(GIVEN), "先生", "女士", "老师")),
        lambda: choose(("订单", "单号", "运单号", "编号", "")) + str(rng.randint(10**7, 10**12)),
        lambda: choose(GOODS) + choose(("和", "、", "+", " ")) + choose(GOODS),
    )
    return choose(ways)()
