"""The words by which descriptions are compared: dangers, things of the same kind, and words that make no thing of their own.

Each thing stands here by the name that it is compared by. A line that ends in a colon names a kind: a description that says the
kind, and one that says one of its things, speak of the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.types import Language

DANGERS: Mapping[Language, str] = {
    "en": """
        stairs = stair, stairs, staircase, stairway, steps, step, flight of stairs
        escalator
        kerb = kerb, curb
        bicycle = bicycle, bike, cyclist, person riding a bicycle, man riding a bicycle, woman riding a bicycle, person on a bicycle
        scooter
        motorcycle = motorcycle, motorbike, moped
        car = car, taxi, automobile, minivan, sedan, suv, hatchback
        bus = bus, buses, coach
        truck = truck, lorry, van, pickup
        tram
        train
        traffic
        dog = dog, puppy
        wet floor = wet floor, slippery floor, puddle, spill, spilled water
        ice = ice, icy
        hole = hole, pit, trench, pothole, manhole, ditch, gap
        fire = fire, flame, flames, smoke
        stove = stove, hob, burner, boiling water, hot pan
        knife = knife, knives, blade, scissors
        broken glass = broken glass, glass shards, shards
        pole = pole, post, bollard, lamp post, lamppost
        ladder
        platform edge = platform edge, edge of the platform, drop, cliff, ledge
        barrier = barrier, construction, road works, roadworks, scaffolding
        low branch = low branch, overhanging branch, low beam
        cable = cable, wire, cord
        gun""",
    "zh": """
        楼梯 = 楼梯, 台阶, 阶梯, 石阶
        扶梯 = 自动扶梯, 扶梯, 电梯口
        路缘 = 路缘, 路沿, 马路牙子, 路肩
        自行车 = 自行车, 单车, 脚踏车
        电动车 = 电动车, 电瓶车, 滑板车
        摩托车 = 摩托车, 摩托
        汽车 = 汽车, 轿车, 小车, 小汽车, 小轿车, 出租车
        公交车 = 公交车, 公共汽车, 巴士, 大巴
        卡车 = 卡车, 货车, 面包车
        火车 = 火车, 列车, 地铁
        车流
        狗 = 狗, 小狗, 犬
        湿地面 = 湿地面, 地面湿滑, 地上有水, 湿滑, 积水, 水坑
        冰 = 结冰, 冰面
        坑 = 坑, 洞, 沟, 窟窿, 井盖
        火 = 着火, 起火, 明火, 火焰, 冒烟, 烟雾
        炉子 = 炉子, 灶, 开水, 热锅
        刀 = 刀, 刀子, 菜刀, 水果刀, 剪刀
        碎玻璃 = 碎玻璃, 玻璃碴
        柱子 = 柱子, 电线杆, 灯柱, 路桩
        梯子
        站台边 = 站台边缘, 站台边, 悬崖
        障碍 = 障碍物, 障碍, 施工, 围挡, 护栏
        树枝 = 低垂的树枝, 树枝
        电线 = 电线, 线缆
        枪""",
}
SAME: Mapping[Language, str] = {
    "en": """
        man = man, men, guy, gentleman
        woman = woman, women, lady
        child = child, children, kid, boy, girl, toddler
        baby
        person: person, people, somebody, someone, pedestrian, passer-by, crowd = man, woman, child, baby
        vehicle: vehicle = car, bus, truck, tram, motorcycle
        sofa = sofa, couch
        table = table, desk
        road = road, street, roadway
        pavement = pavement, sidewalk, footpath, walkway, path
        crossing = crossing, crosswalk, zebra crossing
        shop = shop, store, storefront, shopfront
        cup = cup, mug
        phone = phone, mobile, smartphone, cellphone
        screen = screen, monitor, television, tv
        bag = bag, backpack, rucksack, handbag
        bin = bin, trash can, garbage can, rubbish bin, dustbin, waste bin, litter bin, trash bin, wastebasket
        door = door, doorway, entrance
        train station = train station, railway station
        bus stop
        car park = car park, parking lot
        fire extinguisher
        fire hydrant
        post office
        post box = post box, postbox, letter box, letterbox, mailbox, pillar box
        ice cream
        hot dog
        railing = railing, handrail, banister
        traffic light = traffic light, stoplight, traffic signal
        fridge = fridge, refrigerator
        cupboard = cupboard, cabinet
        carpet = carpet, rug
        computer = computer, laptop
        plant = plant, potted plant, houseplant
        house = house, building
        sign = sign, signboard
        chair = chair, armchair
        bench
        stool
        seat: seat = chair, bench, stool, sofa
        tree = tree, oak, pine, fir, birch, maple, willow, palm tree
        hedge = hedge, bush, bushes, shrub, shrubbery
        fence = fence, fencing
        statue = statue, sculpture, monument
        kiosk = kiosk, stall, booth
        awning = awning, canopy
        lift = lift, elevator
        corridor = corridor, hallway, passage
        shelf = shelf, shelves, bookshelf, bookcase
        bed = bed, mattress
        pillow = pillow, cushion
        curtain = curtain, drape
        lamp = lamp, floor lamp, table lamp, lantern
        sink = sink, washbasin, basin
        toilet = toilet, lavatory
        tap = tap, faucet
        pan = pan, saucepan, frying pan
        plate = plate, dish, dishes
        jacket = jacket, coat
        jumper = jumper, sweater, pullover
        trousers = trousers, pants, jeans
        hat = hat, cap
        glasses = glasses, spectacles
        suitcase = suitcase, luggage
        box = box, carton, cardboard box, parcel, package
        shopping trolley = shopping trolley, trolley, shopping cart, cart
        pram = pram, stroller, pushchair, buggy
        counter = counter, checkout, till
        cat = cat, kitten
        bird = bird, pigeon
        flower = flower, bouquet""",
    "zh": """
        男人 = 男人, 男士, 男子, 男的, 先生
        女人 = 女人, 女士, 女子, 女的
        孩子 = 孩子, 小孩, 儿童, 男孩, 女孩, 小朋友
        人: 人, 行人, 路人, 人群, 有人 = 男人, 女人, 孩子
        车: 车, 车辆 = 汽车, 公交车, 卡车, 摩托车
        沙发 = 沙发, 长沙发
        桌子 = 桌子, 书桌, 餐桌, 木桌, 桌
        椅子 = 椅子, 座椅, 扶手椅
        长椅 = 长椅, 长凳
        凳子
        座位: 座位 = 椅子, 长椅, 凳子, 沙发
        马路 = 马路, 街道, 道路, 公路, 街
        人行道 = 人行道, 步道, 走道, 便道
        人行横道 = 人行横道, 斑马线
        商店 = 商店, 店铺, 小店
        杯子 = 杯子, 水杯, 茶杯, 马克杯
        手机 = 手机, 电话
        屏幕 = 屏幕, 显示器, 电视, 电视机
        包 = 背包, 书包, 手提包, 包
        门 = 大门, 门口, 入口, 门
        面包
        热狗
        推车 = 推车, 手推车, 购物车, 婴儿车
        车站 = 车站, 火车站, 地铁站, 公交站, 公交车站
        停车场
        扶手 = 扶手, 栏杆
        红绿灯 = 红绿灯, 信号灯, 红灯, 绿灯
        冰箱
        柜子 = 柜子, 橱柜
        地毯 = 地毯, 地垫
        电脑 = 电脑, 笔记本电脑, 笔记本
        植物 = 植物, 盆栽, 绿植
        房子 = 房子, 楼房, 建筑, 建筑物
        牌子 = 牌子, 招牌, 标志
        树 = 树, 大树, 小树, 树木, 松树, 柳树, 梧桐树, 棕榈树
        灌木 = 灌木, 灌木丛, 树篱, 绿篱
        围栏 = 围栏, 栅栏, 篱笆
        雕像 = 雕像, 塑像, 雕塑
        垃圾桶 = 垃圾桶, 垃圾箱, 果皮箱
        邮筒 = 邮筒, 信箱, 邮箱
        报亭 = 报亭, 售货亭, 摊位, 摊子
        时钟 = 时钟, 挂钟, 钟表
        电梯 = 电梯, 升降梯
        走廊 = 走廊, 过道, 楼道
        书架 = 书架, 书柜, 置物架
        床 = 床, 床铺, 床垫
        枕头 = 枕头, 靠垫, 抱枕
        台灯
        水槽 = 水槽, 洗手池, 洗脸池
        马桶 = 马桶, 坐便器
        外套 = 外套, 夹克, 大衣
        裤子 = 裤子, 长裤, 牛仔裤
        鞋子 = 鞋子, 运动鞋, 皮鞋, 靴子
        帽子 = 帽子, 棒球帽
        眼镜 = 眼镜, 墨镜
        行李箱 = 行李箱, 手提箱, 拉杆箱
        盒子 = 盒子, 纸箱, 纸盒, 箱子, 包裹
        柜台 = 柜台, 收银台, 前台
        猫 = 猫, 小猫, 猫咪
        鸟 = 鸟, 小鸟, 鸽子""",
}
NO_THING: Mapping[Language, str] = {
    "en": """
        a an the this that these those there here it its they them their he she his her you your yours i me my we of to in on at
        by with from into onto over under above below behind beside between near nearby next close far ahead front right left
        middle centre center side sides away along across around through toward towards against about for as or and but while
        which who what where then also too only just another other some any several many few more most much one two three four
        five six seven eight nine ten both each all is are was were be been being has have had do does did can could may might
        will would seem appear see seen shown found made held worn kept driven ridden look show sit sitting stand standing walk
        walking run running lie lying hold holding wear wearing carry carrying ride riding talk talking wait waiting come coming
        go going approach approaching move moving face facing place placed park parked hang hanging rest resting lead leading
        contain set positioned located visible possibly probably maybe perhaps apparently large small big little tall short long
        wide narrow high low old young new dark light bright black white red green blue yellow brown grey gray orange purple
        pink beige colourful colorful wooden metal plastic round empty full open closed slowly quickly up down out off very
        quite scene picture image view background foreground distance area part kind type clock o'clock twelve eleven reach step
        within metre meter metres meters feet foot caution careful watch attention stretch extend pass cross turn lean cover
        immediate""",
    "zh": """
        你的 您的 你 您 我 他 她 它 们 这里 那里 这 那 有 在 是 的 了 着 地 得 和 与 及 还有 以及 还 也 都 就 只 很 正在 正 一个
        一只 一辆 一张 一把 一条 一位 一名 一些 一群 一扇 一块 一台 一本 一部 一座 一段 一棵 一杯 两个 两只 两辆 两位 三个 几个
        几辆 几位 个 辆 张 把 条 位 名 扇 块 台 座 棵 前方 前面 面前 正前方 左前方 右前方 后面 左边 右边 左侧 右侧 左手边 右手边
        左 右 中间 旁边 附近 远处 近处 上面 下面 里面 外面 上 下 里 边 旁 前 后 对面 之间 那边 这边 方向 点钟 坐在 坐着 坐 站在
        站着 站 走来 走过 走过来 走着 走 躺在 躺着 趴着 躺 趴 拿着 拿 穿着 穿 戴着 戴 骑着 骑 推着 推 牵着 牵 放在 放着 放 停在
        停着 停 挂着 靠着 靠近 靠 过来 开来 驶来 经过 通向 看着 看 看到 看见 看起来 好像 似乎 可能 可以 红色 绿色 蓝色 黄色 黑色
        白色 灰色 棕色 橙色 紫色 粉色 木制 金属 大 小 高 矮 长 短 老 年轻 新 旧 亮 暗 空 打开 开着 关着 画面 图片 照片 场景 背景
        一 二 两 三 四 五 六 七 八 九 十 米 步 远 近 向 往 朝 从 到 对 处 地方 您前 请 注意 小心 级 向下 向上 迎面而来 迎面 走动
        骑过来 走过去 通往 铺着 铺好 写着 显示 能 能够 见到 位于 摆着 摆放着 立着 竖着 长着 种着""",
}
COUNTED: Mapping[Language, str] = {
    "en": r"\d+",
    "zh": "[一二两三四五六七八九十几半这那][个只辆张把条位名扇块台本部座段棵杯盏朵支根双件面架列封顶副串堆排家间栋幅群些]",
}
"""How many there are; Chinese counts each thing by a word of its own."""
NEARNESS: Mapping[Language, str] = {
    "en": "right in front|directly in front|right before you|at your feet|within reach|one step|near you|close",
    "zh": "脚下|面前|跟前|眼前|很近|身边|一步|紧挨",
}
"""What makes a danger another one than it was from afar."""
NOTHING: Mapping[Language, str] = {
    "en": "no(?! entry| smoking| parking| exit)|none|nobody|nothing|cannot|can't|(?:is|are)(?:n't| not)|"
    "safe|safely|can (?:go|cross)|(?:is|all) clear",
    "zh": "没有|没看|看不|不见|不能|不是|不在|不清|无人|安全(?!出口|帽|门|带|岛)|放心|可以走|可以过|畅通",
}
"""What is no news: that something is not there; nor must it be said that something is safe (rule 7 of the design)."""
