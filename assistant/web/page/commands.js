// What buttons say in the person's place: the assistant knows them by their words, as it does when they are spoken.

export const COMMANDS = {
  en: {
    stop: "stop", repeat: "repeat", newConversation: "new conversation",
    read: "read this", back: "back", next: "next", prices: "read the prices",
    colour: "what colour is this", light: "how bright is it", code: "scan the code",
    explain: "explain this figure", keepDescribing: "keep describing",
    reference: "remember this as the reference", compare: "compare",
  },
  zh: {
    stop: "停", repeat: "重复", newConversation: "新对话",
    read: "读一下", back: "上一段", next: "下一段", prices: "读一下价格",
    colour: "这是什么颜色", light: "亮不亮", code: "扫一下码",
    explain: "解释这张图", keepDescribing: "一直描述",
    reference: "记住这个作参考", compare: "比较",
  },
};

const FINDING = { en: (thing) => `find the ${thing}`, zh: (thing) => `找一下${thing}` };

export const finding = (language, thing) => FINDING[language](thing);
