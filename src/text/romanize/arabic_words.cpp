#include "text/romanize/arabic_words.h"

#include "text/romanize/word_list.h"

namespace dragoman {
namespace {

/// Names and words that many languages of the script share.
constexpr std::string_view kShared =
    "محمد=muhammad أحمد=ahmad احمد=ahmad محمود=mahmud حسن=hasan حسين=husayn حسین=husayn علي=ali على=ali علی=ali "
    "عمر=umar "
    "عثمان=uthman خالد=khalid كمال=kamal کمال=kamal جمال=jamal إبراهيم=ibrahim ابراهيم=ibrahim ابراهیم=ibrahim "
    "يوسف=yusuf "
    "یوسف=yusuf موسى=musa موسی=musa عيسى=isa عیسی=isa مريم=maryam مریم=maryam فاطمة=fatima فاطمه=fatima خديجة=khadija "
    "عائشة=aisha عبد=abd الله=allah عبدالله=abdullah كتاب=kitab کتاب=kitab مدرسة=madrasa مدرسه=madrasa مسجد=masjid "
    "إسلام=islam اسلام=islam مسلم=muslim قرآن=quran القرآن=al-quran مكتب=maktab مکتب=maktab قلم=qalam علم=ilm "
    "عالم=alam "
    "دنيا=dunya دنیا=dunya وقت=waqt حكومة=hukuma حکومت=hukumat مصر=misr العراق=al-iraq عراق=iraq القاهرة=al-qahira "
    "قاهره=qahira دمشق=dimashq بغداد=baghdad بيروت=bayrut مكة=makka مکه=makka المدينة=al-madina مدينة=madina "
    "لبنان=lubnan الأردن=al-urdun فلسطين=filastin فلسطین=filistin إسرائيل=israil المغرب=al-maghrib تونس=tunis "
    "الجزائر=al-jazair السودان=as-sudan الكويت=al-kuwayt قطر=qatar عمان=uman اليمن=al-yaman صنعاء=sana القدس=al-quds "
    "تركيا=turkiya سلطان=sultan سلام=salam السلام=as-salam شمس=shams قمر=qamar حرب=harb صلح=sulh رئيس=rais ملك=malik "
    "أمير=amir امير=amir شيخ=shaykh شیخ=shaykh إمام=imam امام=imam رمضان=ramadan جهاد=jihad حجاب=hijab حلال=halal "
    "شكرا=shukran مرحبا=marhaba نور=nur جبل=jabal بنت=bint بن=bin ابن=ibn أبو=abu ابو=abu أم=umm من=min في=fi عن=an "
    "هو=huwa هي=hiya ما=ma لا=la كم=kam متى=mata أين=ayna كيف=kayf كان=kan كانت=kanat التي=allati الذي=alladhi "
    "هذا=hadha هذه=hadhihi ذلك=dhalik إلى=ila بعد=bad قبل=qabl مع=ma بين=bayn عدد=adad اسم=ism عام=am سنة=sana "
    "أوروبا=urubba أمريكا=amrika لندن=lundun باريس=baris نيويورك=niyuyurk موسكو=musku واشنطن=washintun";
constexpr std::string_view kPersian =
    "و=va در=dar از=az به=be که=ke این=in آن=an را=ra با=ba است=ast بود=bud شد=shod می=mi تهران=tehran اصفهان=esfahan "
    "شیراز=shiraz مشهد=mashhad تبریز=tabriz کتاب=ketab محمد=mohammad حسین=hossein سلام=salam دوست=dust دل=del گل=gol "
    "پسر=pesar دختر=dokhtar مادر=madar پدر=pedar زن=zan مرد=mard شهر=shahr خدا=khoda چه=che کی=ki بزرگ=bozorg "
    "روز=ruz شب=shab آب=ab نان=nan زبان=zaban فارسی=farsi جهان=jahan ملت=mellat دولت=dowlat ریاست=riyasat کابل=kabul "
    "پوتین=putin";
constexpr std::string_view kUrdu =
    "اور=aur کا=ka کی=ki کے=ke ہے=hai ہیں=hain میں=mein نے=ne کو=ko سے=se یہ=yeh وہ=woh پر=par ایک=ek کیا=kya تھا=tha "
    "تھی=thi تھے=the ہم=hum تم=tum آپ=aap نہیں=nahin کراچی=karachi لاہور=lahore دہلی=dehli دوست=dost محبت=mohabbat "
    "دل=dil زندگی=zindagi شہر=shehr لوگ=log گھر=ghar بچہ=bacha حکومت=hukumat پاکستان=pakistan ہندوستان=hindustan "
    "بھارت=bharat کشمیر=kashmir پنجاب=punjab سندھ=sindh عمران=imran خان=khan محمد=muhammad اقبال=iqbal";

}  // namespace

std::string_view known_arabic_word(std::u32string_view word, std::string_view language) {
  static const WordList shared(kShared), persian(kPersian), urdu(kUrdu);
  const WordList* own = language == "fa" || language == "ps" ? &persian : language == "ur" ? &urdu : nullptr;
  if (own != nullptr) {
    if (const std::string_view known = own->find(word); !known.empty()) return known;
  }
  return shared.find(word);
}

}  // namespace dragoman
