/// Frequent function words of languages in Latin script, lower case.
///
/// Those that are no answer are here because their texts share words with one that is: they keep it from being named.
enum FunctionWordLists {
    struct List {
        let language: String
        /// Whether the language is told by these words, or only known not to be another.
        let isAnswer: Bool
        let words: [String]

        init(_ language: String, isAnswer: Bool = true, _ words: String) {
            self.language = language
            self.isAnswer = isAnswer
            self.words = words.split(separator: " ").map(String.init)
        }
    }

    /// The place in ``all`` of the language that a tag names.
    static func place(of tag: String?) -> Int? {
        guard let tag else { return nil }
        return all.firstIndex { $0.language == tag || tag.hasPrefix($0.language + "-") }
    }

    static let all: [List] = [
        List(
            "en",
            """
            the of and to in is was for on that with as by at from this it be are have has had not but they which or an \
            their its his her he she we you were been will would can could who what when there more about into than them \
            these those some only other also after before where while because through between over our your a i if so do no than then now how may
            """),
        List(
            "de",
            """
            der die das und ist von den mit dem ein eine einer eines einen einem zu im nicht auf für sich auch es an werden \
            wird als wurde bei nach aus sind hat oder über wie noch nur so aber kann durch zum zur mehr war vor haben wenn \
            dass ich sie wir ihr ihre man um bis unter zwischen
            """),
        List(
            "fr",
            """
            le la les de des du et est un une dans que qui en pour pas sur au aux ce cette ces il elle ils elles avec par \
            plus ne se sont ont été être mais ou où leur leurs nous vous comme tout tous deux après sans sous entre lui \
            son ses depuis encore aussi peut fait même très
            """),
        List(
            "es",
            """
            el la los las de del y que en un una por con no se su sus para es al lo como más pero fue son ha han está este \
            esta estos estas entre cuando muy sin sobre también hasta desde todo todos ya o porque donde nos ser tiene hay \
            después años uno dos
            """),
        List(
            "pt",
            """
            o a os as de do da dos das e em no na nos nas um uma que para com por não se ao aos à às mais como foi são está \
            pelo pela seu sua ser tem mas ou quando muito também até sobre entre já ele ela isso depois sem você onde dois \
            ainda é
            """),
        List(
            "it",
            """
            il lo la i gli le di del della dei delle degli dello che è e un una per con non in da dal dalla nel nella nelle \
            al alla alle ai sono si come più anche ma ha hanno questo questa questi essere stato stata suo sua loro dopo \
            prima tra fra quando dove ancora molto sul sulla ogni
            """),
        List(
            "nl",
            """
            de het een en van is in te dat op met voor zijn niet aan er om ook als maar bij door naar uit worden wordt nog \
            werd heeft hebben of over dan deze die dit was had wat zich wel geen tot tussen onder na kan meer veel hun haar \
            onze
            """),
        List(
            "pl",
            """
            w i z na do się nie jest to że o jak po od przez dla za co ale przy są był było tylko tym tego jego które który \
            która oraz może już jako także czy ich pod przed między bardzo jeszcze lat
            """),
        List(
            "sv",
            """
            och att det är en ett som på av för med den till inte har de om var jag men kan från vid så eller när också \
            efter hade vi han hon sig under över mycket där alla detta skulle mellan bara år
            """),
        List(
            "da", isAnswer: false,
            "og at det er en et som på af for med den til ikke har de om var jeg men kan fra ved så eller når også efter havde vi han hun sig under over meget der alle dette skulle mellem kun år blev hvor"
        ),
        List(
            "no", isAnswer: false,
            "og å det er en et som på av for med den til ikke har de om var jeg men kan fra ved så eller når også etter hadde vi han hun seg under over mye der alle dette skulle mellom bare år ble hvor ein eit ikkje frå"
        ),
        List(
            "af", isAnswer: false,
            "die 'n van het en is in te dat op met vir nie aan om ook as maar by deur na uit word nog was dit hulle sy haar ons hy sal kan wees toe baie tussen onder oor daar mense"
        ),
        List(
            "fy", isAnswer: false,
            "de it in en fan is yn te dat op mei foar net oan der om ek as mar by troch nei út wurde noch hie hat oer dan dizze dy dit wie syn har ús tusken ûnder jier minsken"
        ),
        List(
            "lb", isAnswer: false,
            "den déi dat an ass vun mat dem en eng zu net op fir sech och et gëtt als gouf bei no aus sinn huet oder iwwer wéi nach nëmmen awer kann duerch zum méi war viru wann datt mir hir ënnert tëscht"
        ),
        List(
            "ca", isAnswer: false,
            "el la els les de del dels i que en un una per amb no es seu seva al com més però va són ha han està aquest aquesta entre quan molt sense sobre també fins des tot tots ja o perquè on ser té després anys dos als"
        ),
        List(
            "gl", isAnswer: false,
            "o a os as de do da dos das e en no na nos nas un unha que para con por non se ao aos á ás máis como foi son está polo pola seu súa ser ten pero ou cando moi tamén ata sobre entre xa el ela iso despois sen onde anos"
        ),
        List(
            "ast", isAnswer: false,
            "el la los les de del y que en un una por con nun se so pa ye al lo como más pero foi son ta esti esta ente cuando mui ensin sobre tamién hasta dende too yá o porque onde ser tien hai dempués años"
        ),
        List(
            "oc", isAnswer: false,
            "lo la los las de del dels e que en un una per amb pas se son al coma mai mas es foguèt an aqueste aquesta entre quand plan sens sus tanben fins dempuèi tot totes ja o perque ont èsser a après ans dos"
        ),
        List(
            "co", isAnswer: false,
            "u a i e di hè chì in un una per cù ùn si cum'è più ma fù sò hà anu stu sta issu trà quandu assai senza nantu dinù ancu sin'à dapoi tuttu tutti o perchè induve esse dopu anni dui"
        ),
        List(
            "ro", isAnswer: false,
            "și de la în a al ale un o cu pe nu se că din este pentru care mai sunt ca fost prin dar sau după fi ei lui ani ce fără când până între foarte acest această toate"
        ),
        List(
            "ht", isAnswer: false,
            "nan ak pou yo li se ki te ap pa sou yon moun gen sa nou mwen ou men tout anpil lè fè kote depi ant san avèk apre ane lòt"
        ),
        List(
            "eo",
            "la de kaj estas en al por ne kun pri por ke estis kiu kiuj sed aŭ tiu ĉi sur el per lia ŝi li ili ni post antaŭ inter sen ĝis jaroj tre ankaŭ nur oni kiel apud kiam tie multaj"
        ),
        List(
            "ia", isAnswer: false,
            "le de e es in un pro non con que esseva qui ma o iste super per su illa ille illes nos post ante inter sin usque annos multo etiam solo como al del"
        ),
        List(
            "la",
            "et in est ad non cum de ex ut qui quae quod per sed ab sunt esse aut atque nec hoc eius post inter sine si ante enim etiam autem iuxta iterum ut quomodo multi apud"
        ),
        List(
            "cs", isAnswer: false,
            "a v na se je že s z do o to i by pro za po ve ale jako od byl jsou jeho která který které nebo také jen až při bylo byla mezi let ze"
        ),
        List(
            "sk", isAnswer: false,
            "a v na sa je že s z do o to aj by pre za po vo ale ako od bol sú jeho ktorá ktorý ktoré alebo tiež len až pri bolo bola medzi rokov zo"
        ),
        List(
            "hr", isAnswer: false,
            "i u na je se da za su od s a ne o koji koja koje kao iz ali do bi po što bio samo ili nakon prije između godina još više svoj"
        ),
        List(
            "sl", isAnswer: false,
            "in v na je se da za so od s z a ne o ki kot iz ali do bi po kar bil bila samo pri med pred let še več tudi ter svoj"
        ),
        List(
            "hu", isAnswer: false,
            "a az és hogy nem is egy meg de volt van ez ki csak már el még mint vagy azt lett után által között ezt között minden"
        ),
        List(
            "tr", isAnswer: false,
            "ve bir bu da de için ile olarak çok daha olan gibi kadar sonra ise en ne ya o değil var ancak her iki yıl"),
        List(
            "id", isAnswer: false,
            "yang dan di ke dari untuk dengan pada ini itu dalam tidak adalah akan juga oleh ada telah atau sebagai mereka karena bisa tahun lebih saat"
        ),
        List(
            "fi", isAnswer: false,
            "ja on ei se että oli ovat joka mutta kun niin myös tai sen hän kuin vain jo jos ollut mukaan ole sekä jälkeen vuotta vielä ne"
        ),
        List(
            "et", isAnswer: false,
            "ja on ei see et oli kes mis aga kui ka või ta nii ning selle seda veel ainult oma pärast aastat olid välja"
        ),
        List(
            "vi", isAnswer: false,
            "và của là có không được trong cho một những các với này đã người đến từ khi như cũng ra ở"),
        List(
            "sw", isAnswer: false,
            "ya na wa kwa ni la katika za cha hii kama hiyo lakini baada yake watu huo pia sana wao bado"),
        List(
            "tl", isAnswer: false,
            "ang ng sa na mga ay at si ito para hindi may kung pa ni o din nila lang kaya siya isang noong"),
        List(
            "mt", isAnswer: false,
            "il u ta li ma fil f'l hija hu kien biex minn għal dan din jew mhux kif wara bejn snin nies"),
        List(
            "ga", isAnswer: false,
            "an na agus ar le bhí is a go i do ag de sé sí tá leis seo nach ach ó chun idir bliain"),
        List(
            "cy", isAnswer: false,
            "y yr a yn i o ar mae am gan oedd ei bod wedi hyn ac fel hefyd neu nid eu ond rhwng blynyddoedd"),
        List(
            "br", isAnswer: false,
            "ar an ur da ha e a zo er en gant eo war evit ez bet eus met pe ivez hag etre bloaz tud"),
        List(
            "is", isAnswer: false,
            "og að í á er sem við ekki til um það en með hann var af fyrir hún þar eftir eru því einnig milli ár ég"),
        List(
            "eu", isAnswer: false, "eta da ez bat du zen dira ere baina izan dute edo hau oso gero arte bere beste urte"
        ),
        List(
            "sq", isAnswer: false,
            "e të në dhe i për me një nga që si është u më ka nuk se ishte por ku pas kjo ky shumë janë vjet"),
        List(
            "lt", isAnswer: false, "ir yra kad į iš su ne kaip buvo tai bet jo už po nuo dėl apie metų jau tik taip pat"
        ),
        List("lv", isAnswer: false, "un ir ka no ar uz par kas bija kā arī pēc bet vai gadu tikai vēl jau ko pie"),
    ]
}
