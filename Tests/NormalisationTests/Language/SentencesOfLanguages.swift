/// A few sentences in many languages, written for these tests.
enum SentencesOfLanguages {
    /// Two sentences each, as of a note in the news.
    static let running: [(language: String, text: String)] = [
        (
            "en",
            "The old mill by the river was opened again on Sunday. Many people came to see how the flour is ground."
        ),
        (
            "de",
            "Die alte Mühle am Fluss wurde am Sonntag wieder geöffnet. Viele Leute kamen, um zu sehen, wie das Mehl gemahlen wird."
        ),
        (
            "fr",
            "Le vieux moulin au bord de la rivière a rouvert dimanche. Beaucoup de gens sont venus voir comment on moud la farine."
        ),
        (
            "es",
            "El viejo molino junto al río volvió a abrir el domingo. Mucha gente vino a ver cómo se muele la harina."
        ),
        (
            "pt",
            "O velho moinho junto ao rio voltou a abrir no domingo. Muitas pessoas vieram ver como se faz a farinha."
        ),
        (
            "it",
            "Il vecchio mulino sulla riva del fiume ha riaperto domenica. Molte persone sono venute a vedere come si macina la farina."
        ),
        (
            "nl",
            "De oude molen aan de rivier is zondag weer geopend. Veel mensen kwamen kijken hoe het meel wordt gemalen."
        ),
        ("sv", "Den gamla kvarnen vid ån öppnades igen i söndags. Många människor kom för att se hur mjölet mals."),
        (
            "da",
            "Den gamle mølle ved åen blev åbnet igen i søndags. Mange mennesker kom for at se, hvordan melet bliver malet."
        ),
        (
            "no",
            "Den gamle mølla ved elva ble åpnet igjen på søndag. Mange mennesker kom for å se hvordan melet blir malt."
        ),
        (
            "fi",
            "Vanha mylly joen rannalla avattiin uudelleen sunnuntaina. Monet ihmiset tulivat katsomaan, kuinka jauhoja jauhetaan."
        ),
        ("is", "Gamla myllan við ána var opnuð aftur á sunnudaginn. Margir komu til að sjá hvernig mjölið er malað."),
        (
            "pl",
            "Stary młyn nad rzeką został ponownie otwarty w niedzielę. Wielu ludzi przyszło zobaczyć, jak miele się mąkę."
        ),
        ("cs", "Starý mlýn u řeky byl v neděli znovu otevřen. Mnoho lidí se přišlo podívat, jak se mele mouka."),
        ("sk", "Starý mlyn pri rieke bol v nedeľu znovu otvorený. Veľa ľudí sa prišlo pozrieť, ako sa melie múka."),
        ("sl", "Stari mlin ob reki so v nedeljo spet odprli. Veliko ljudi je prišlo pogledat, kako se melje moka."),
        (
            "hr",
            "Stari mlin uz rijeku ponovno je otvoren u nedjelju. Mnogi su ljudi došli vidjeti kako se melje brašno."
        ),
        ("sr", "Стари млин поред реке поново је отворен у недељу. Много људи је дошло да види како се меље брашно."),
        (
            "bg",
            "Старата мелница край реката беше отворена отново в неделя. Много хора дойдоха да видят как се мели брашното."
        ),
        (
            "mk",
            "Старата воденица покрај реката повторно беше отворена во неделата. Многу луѓе дојдоа да видат како се меле брашното."
        ),
        ("ru", "Старая мельница у реки снова открылась в воскресенье. Много людей пришло посмотреть, как мелют муку."),
        ("uk", "Старий млин біля річки знову відкрили в неділю. Багато людей прийшло подивитися, як мелють борошно."),
        ("be", "Стары млын каля ракі зноў адкрылі ў нядзелю. Шмат людзей прыйшло паглядзець, як мелюць муку."),
        (
            "el",
            "Ο παλιός μύλος δίπλα στο ποτάμι άνοιξε ξανά την Κυριακή. Πολλοί άνθρωποι ήρθαν να δουν πώς αλέθεται το αλεύρι."
        ),
        (
            "ro",
            "Vechea moară de lângă râu a fost redeschisă duminică. Mulți oameni au venit să vadă cum se macină făina."
        ),
        (
            "hu",
            "A folyó melletti régi malmot vasárnap újra megnyitották. Sokan jöttek el megnézni, hogyan őrlik a lisztet."
        ),
        (
            "tr",
            "Nehrin kıyısındaki eski değirmen pazar günü yeniden açıldı. Birçok insan unun nasıl öğütüldüğünü görmeye geldi."
        ),
        (
            "az",
            "Çayın sahilindəki köhnə dəyirman bazar günü yenidən açıldı. Çoxlu adam unun necə üyüdüldüyünü görməyə gəldi."
        ),
        (
            "uz",
            "Daryo bo‘yidagi eski tegirmon yakshanba kuni qayta ochildi. Ko‘p odamlar un qanday tortilishini ko‘rgani keldi."
        ),
        (
            "kk",
            "Өзен жағасындағы ескі диірмен жексенбіде қайта ашылды. Көп адам ұнның қалай тартылатынын көруге келді."
        ),
        (
            "ky",
            "Дарыянын жээгиндеги эски тегирмен жекшемби күнү кайра ачылды. Көп адамдар ундун кантип тартыларын көргөнү келишти."
        ),
        (
            "tg",
            "Осиёби кӯҳнаи лаби дарё рӯзи якшанбе аз нав кушода шуд. Бисёр одамон омаданд, то бубинанд, ки орд чӣ тавр мешавад."
        ),
        (
            "ka",
            "მდინარის პირას მდებარე ძველი წისქვილი კვირას ხელახლა გაიხსნა. ბევრი ადამიანი მოვიდა იმის სანახავად, როგორ იფქვება ფქვილი."
        ),
        (
            "hy",
            "Գետի մոտ գտնվող հին ջրաղացը կիրակի օրը նորից բացվեց։ Շատ մարդիկ եկան տեսնելու, թե ինչպես են ալյուր աղում։"
        ),
        ("he", "הטחנה הישנה שעל גדת הנהר נפתחה מחדש ביום ראשון. אנשים רבים באו לראות כיצד טוחנים את הקמח."),
        ("yi", "די אַלטע מיל בײַם טײַך איז זונטיק װידער געעפֿנט געװאָרן. אַ סך מענטשן זײַנען געקומען זען װי מען מאָלט מעל."),
        ("ar", "أعيد افتتاح الطاحونة القديمة على ضفة النهر يوم الأحد. وجاء كثير من الناس ليروا كيف يطحن الدقيق."),
        ("fa", "آسیاب قدیمی کنار رودخانه روز یکشنبه دوباره باز شد. مردم زیادی آمدند تا ببینند آرد چگونه آسیاب می‌شود."),
        (
            "ur",
            "دریا کے کنارے پرانی چکی اتوار کو دوبارہ کھول دی گئی۔ بہت سے لوگ یہ دیکھنے آئے کہ آٹا کیسے پیسا جاتا ہے۔"
        ),
        ("hi", "नदी के किनारे की पुरानी चक्की रविवार को फिर से खोली गई। बहुत से लोग यह देखने आए कि आटा कैसे पीसा जाता है।"),
        ("mr", "नदीकाठची जुनी गिरणी रविवारी पुन्हा सुरू झाली. पीठ कसे दळले जाते हे पाहण्यासाठी बरेच लोक आले होते."),
        ("ne", "नदीको किनारमा रहेको पुरानो घट्ट आइतबार फेरि खोलिएको छ। पीठो कसरी पिसिन्छ भनेर हेर्न धेरै मानिसहरू आएका थिए।"),
        ("bn", "নদীর ধারের পুরোনো কলটি রবিবার আবার খোলা হয়েছে। আটা কীভাবে পেষা হয় তা দেখতে অনেক মানুষ এসেছিলেন।"),
        ("pa", "ਦਰਿਆ ਦੇ ਕੰਢੇ ਪੁਰਾਣੀ ਚੱਕੀ ਐਤਵਾਰ ਨੂੰ ਮੁੜ ਖੋਲ੍ਹੀ ਗਈ। ਬਹੁਤ ਸਾਰੇ ਲੋਕ ਇਹ ਦੇਖਣ ਆਏ ਕਿ ਆਟਾ ਕਿਵੇਂ ਪੀਸਿਆ ਜਾਂਦਾ ਹੈ।"),
        ("gu", "નદી કિનારે આવેલી જૂની ઘંટી રવિવારે ફરી ખોલવામાં આવી. લોટ કેવી રીતે દળાય છે તે જોવા ઘણા લોકો આવ્યા હતા."),
        ("or", "ନଦୀ କୂଳରେ ଥିବା ପୁରୁଣା କଳ ରବିବାର ପୁଣି ଖୋଲିଲା। ଅଟା କିପରି ପେଷା ହୁଏ ତାହା ଦେଖିବାକୁ ବହୁତ ଲୋକ ଆସିଥିଲେ।"),
        ("ta", "ஆற்றங்கரையில் உள்ள பழைய ஆலை ஞாயிற்றுக்கிழமை மீண்டும் திறக்கப்பட்டது. மாவு எப்படி அரைக்கப்படுகிறது என்று பார்க்க பலர் வந்தனர்."),
        ("te", "నది ఒడ్డున ఉన్న పాత మిల్లును ఆదివారం మళ్లీ తెరిచారు. పిండిని ఎలా విసురుతారో చూడటానికి చాలా మంది వచ్చారు."),
        ("kn", "ನದಿಯ ದಡದಲ್ಲಿರುವ ಹಳೆಯ ಗಿರಣಿಯನ್ನು ಭಾನುವಾರ ಮತ್ತೆ ತೆರೆಯಲಾಯಿತು. ಹಿಟ್ಟನ್ನು ಹೇಗೆ ಬೀಸುತ್ತಾರೆ ಎಂದು ನೋಡಲು ಅನೇಕ ಜನರು ಬಂದಿದ್ದರು."),
        ("ml", "പുഴയോരത്തെ പഴയ മില്ല് ഞായറാഴ്ച വീണ്ടും തുറന്നു. മാവ് എങ്ങനെ പൊടിക്കുന്നു എന്നു കാണാൻ ധാരാളം ആളുകൾ വന്നു."),
        ("si", "ගඟ අසල ඇති පැරණි මෝල ඉරිදා නැවත විවෘත කරන ලදී. පිටි අඹරන ආකාරය බැලීමට බොහෝ දෙනෙක් පැමිණියහ."),
        ("th", "โรงสีเก่าริมแม่น้ำเปิดอีกครั้งเมื่อวันอาทิตย์ ผู้คนจำนวนมากมาดูว่าแป้งถูกโม่อย่างไร"),
        ("lo", "ໂຮງສີເກົ່າແຄມແມ່ນ້ໍາເປີດຄືນໃໝ່ໃນວັນອາທິດ ຜູ້ຄົນຈໍານວນຫຼາຍມາເບິ່ງວິທີການສີເຂົ້າ"),
        ("km", "ម៉ាស៊ីនកិនចាស់នៅមាត់ទន្លេត្រូវបានបើកឡើងវិញនៅថ្ងៃអាទិត្យ។ មនុស្សជាច្រើនបានមកមើលរបៀបកិនម្សៅ។"),
        ("my", "မြစ်ကမ်းဘေးက ဆန်စက်ဟောင်းကို တနင်္ဂနွေနေ့မှာ ပြန်ဖွင့်ခဲ့တယ်။ ဂျုံမှုန့်ဘယ်လိုကြိတ်သလဲဆိုတာ လူအများကြီး လာကြည့်ကြတယ်။"),
        ("dv", "ކޯރުގެ ކައިރީގައި ހުރި ބާ މިލް އާދީއްތަ ދުވަހު އަލުން ހުޅުވިއްޖެ. ފުށް ފުނޑާގޮތް ބަލަން ގިނަ މީހުން އައި."),
        ("vi", "Cối xay cũ bên bờ sông đã được mở lại vào chủ nhật. Nhiều người đến xem bột được xay như thế nào."),
        (
            "id",
            "Kincir tua di tepi sungai dibuka kembali pada hari Minggu. Banyak orang datang untuk melihat bagaimana tepung itu digiling."
        ),
        (
            "tl",
            "Binuksan muli noong Linggo ang lumang gilingan sa tabi ng ilog. Maraming tao ang dumating upang makita kung paano ginigiling ang harina."
        ),
        (
            "sw",
            "Kinu cha zamani kando ya mto kilifunguliwa tena siku ya Jumapili. Watu wengi walikuja kuona jinsi unga unavyosagwa."
        ),
        ("zh", "河边的老磨坊星期天重新开放了。许多人来看面粉是怎么磨出来的，孩子们也跟着学习。"),
        ("zh-Hant", "河邊的老磨坊星期天重新開放了。許多人來看麵粉是怎麼磨出來的，孩子們也跟著學習。"),
        ("ja", "川沿いの古い水車小屋が日曜日に再び開かれました。粉がどのように挽かれるのかを見に多くの人が訪れました。"),
        ("ko", "강가의 오래된 방앗간이 일요일에 다시 문을 열었다. 밀가루를 어떻게 빻는지 보려고 많은 사람이 찾아왔다."),
        (
            "et",
            "Jõe ääres asuv vana veski avati pühapäeval uuesti. Paljud inimesed tulid vaatama, kuidas jahu jahvatatakse."
        ),
        (
            "lv",
            "Vecās dzirnavas pie upes svētdien atkal tika atvērtas. Daudzi cilvēki nāca skatīties, kā tiek malti milti."
        ),
        (
            "lt",
            "Senas malūnas prie upės sekmadienį vėl buvo atidarytas. Daug žmonių atėjo pažiūrėti, kaip malami miltai."
        ),
        (
            "sq",
            "Mulliri i vjetër pranë lumit u hap përsëri të dielën. Shumë njerëz erdhën për të parë se si bluhet mielli."
        ),
        (
            "mt",
            "Il-mitħna l-qadima ħdejn ix-xmara reġgħet infetħet nhar il-Ħadd. Ħafna nies ġew biex jaraw kif jintħan id-dqiq."
        ),
        (
            "ga",
            "Osclaíodh an seanmhuileann cois na habhann arís Dé Domhnaigh. Tháinig go leor daoine chun a fheiceáil conas a mheiltear an plúr."
        ),
        (
            "cy",
            "Agorwyd yr hen felin ger yr afon eto ddydd Sul. Daeth llawer o bobl i weld sut mae'r blawd yn cael ei falu."
        ),
        (
            "eu",
            "Ibai ondoko errota zaharra berriro ireki zuten igandean. Jende asko etorri zen irina nola ehotzen den ikustera."
        ),
        (
            "ca",
            "El vell molí vora el riu va tornar a obrir diumenge. Molta gent va venir a veure com es mol la farina."
        ),
        ("gl", "O vello muíño xunto ao río volveu abrir o domingo. Moita xente veu ver como se moe a fariña."),
        (
            "af",
            "Die ou meul langs die rivier is Sondag weer oopgemaak. Baie mense het gekom om te sien hoe die meel gemaal word."
        ),
        (
            "eo",
            "La malnova muelejo apud la rivero estis denove malfermita dimanĉe. Multaj homoj venis por vidi, kiel oni muelas la farunon."
        ),
        (
            "la",
            "Mola vetus iuxta flumen die dominico iterum aperta est. Multi homines venerunt ut viderent quomodo farina moleretur."
        ),
        (
            "ht",
            "Ansyen moulen ki bò larivyè a te louvri ankò dimanch. Anpil moun te vini wè kijan yo moulen farin nan."
        ),
    ]

    /// One headline or remark each, of four to nine words.
    static let short: [(language: String, text: String)] = [
        ("en", "Where the river meets the old mill"), ("de", "Die Mühle wird nicht geschlossen"),
        ("fr", "Le moulin et les gens de la rivière"), ("es", "El molino y las gentes del río"),
        ("it", "Il mulino della valle è sulla riva"), ("pt", "Não há mais farinha na aldeia"),
        ("nl", "Het meel van de molen wordt niet duurder"), ("pl", "Młyn nad rzeką już nie działa"),
        ("ru", "Мельница снова работает"), ("uk", "Млин знову працює, і люди раді"),
        ("el", "Ο μύλος άνοιξε"), ("he", "הטחנה נפתחה מחדש"), ("ar", "افتتاح الطاحونة القديمة"),
        ("th", "โรงสีเปิดแล้ว"), ("ka", "წისქვილი გაიხსნა"), ("hy", "Ջրաղացը բացվեց"), ("ko", "방앗간이 열렸다"),
        ("ja", "水車が回る"), ("zh", "磨坊重新开放"), ("ta", "ஆலை திறந்தது"), ("te", "మిల్లు తెరిచారు"), ("kn", "ಗಿರಣಿ ತೆರೆಯಿತು"),
        ("ml", "മില്ല് തുറന്നു"), ("gu", "ઘંટી ખુલી"), ("pa", "ਚੱਕੀ ਖੁੱਲ੍ਹੀ"), ("si", "මෝල විවෘතයි"), ("km", "រោងម៉ាស៊ីនបើក"),
        ("my", "ဆန်စက်ဖွင့်ပြီ"), ("lo", "ໂຮງສີເປີດ"), ("or", "କଳ ଖୋଲିଲା"),
    ]
}
