"""The words by which `text.language` tells languages: the most frequent ones of each, and some that policies use.

The words are in lower case and composed (NFKC); an apostrophe or a hyphen divides a word. A word may be in several lists; it
then counts less for each. English has a list too, since a language is told by comparison.
"""

from __future__ import annotations

NAMES = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "az": "Azerbaijani",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "gl": "Galician",
    "gu": "Gujarati",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian, Bosnian or Serbian",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian or Malay",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "km": "Khmer",
    "kn": "Kannada",
    "ko": "Korean",
    "lo": "Lao",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "mt": "Maltese",
    "my": "Burmese",
    "nl": "Dutch",
    "no": "Norwegian",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "si": "Sinhala",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""ISO 639-1 code to English name; where texts of two languages differ too little, the name says both."""

WORDS = {
    "af": """die en van het is nie ons jou jy vir om te met wat sal kan deur op aan of as hierdie u hulle dit by hul
        ook na word moet wees inligting persoonlike gebruik data wanneer webwerf dienste daardie enige ander tensy""",
    "az": """və bir bu üçün ilə də da olan daha hər ki siz sizin biz bizim bizə sizə ya bilər kimi sonra görə əgər
        məlumat məlumatları məlumatlar şəxsi xidmətlər istifadə edirik olaraq deyil haqqında hansı olur bütün yalnız
        həmçinin öz saytı sayt etmək edə""",
    "ca": """de la el que i a en les els per l d amb del una un no es dels al ens o com més són aquesta aquest seva
        seves ha pot seu vostra vostre vostres nostra nostre nostres podem quan sobre també si aquestes aquests dades
        personals informació serveis lloc tercers nosaltres galetes fins utilitzem qualsevol""",
    "cs": """a se v na že je o s z do pro k za by aby jsou být nebo který které která jsme při jak od po také tyto
        jejich této můžeme naše našich vaše vašich vás nás není pouze může jako podle ve ze údaje údajů osobní osobních
        informace služby služeb webu stránek pokud můžete souhlas dalších proto má než tato tento váš ale více si už
        tím jeho""",
    "da": """og i at det er en til af på med for den de der ikke vi du som har et kan dine vores din os om ved fra
        eller vil være hvis når også dit disse denne skal blive bliver herunder mere dem jeg hvordan oplysninger
        personoplysninger bruger indsamler tjenester hjemmeside behandler hvilke efter kun andre nogle må alle så men
        end ind blev dens deres""",
    "de": """der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er
        hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum oder wir uns ihre ihrer ihren
        ihnen ihr unsere unserer durch wenn können kann diese dieser nur zur daten informationen personenbezogene haben
        sowie bzw nutzung website verarbeitung ich zwecke erhoben einwilligung""",
    "en": """the of and to in a is that for it as was with be by on not he his but at are this have from or had an they
        which one you were her all their there been if more when will would who so no we our us your may any such other
        these those can use about information its my i do does what how than then through under also only see out up
        policy privacy personal data services site website third parties collect used please""",
    "es": """de la que el en y a los se del las un por con no una su para es al lo como más o este si ha sus nos le
        cuando esta son sobre también hasta donde sin entre usted sea pueden puede podemos nuestro nuestra nuestros
        nuestras otros estos estas cualquier datos personales información servicios sitio terceros utilizamos política
        usuario derecho muy ser""",
    "et": """ja on ei et kui see ta mis oma või ka me teie meie kes seda selle ning mida kas kuid saab võib võime need
        neid nende üle pärast juures jaoks kasutame andmeid andmete isikuandmeid isikuandmete teavet teil teile meil
        veebisaidi teenuste teenuse korral vastavalt kuni enne ainult olla olema sellel palun selles sellest""",
    "fi": """ja on ei että se hän ovat oli joka mutta kun myös tai niin voi voit voimme sen jos kuin me te ole olla
        sekä tätä tämä tämän näitä kanssa jotka mitä jota jonka emme meidän sinun meille sinulle vain mukaan tietoja
        tiedot tietojen henkilötietoja henkilötietojen käytämme palvelun palvelua sivuston joita ennen kautta kuten
        jälkeen aikana kaikki muita tietosi eivät olevan sitä siitä palvelumme""",
    "fr": """de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ou son
        aux d l qu s n à être cette vous nous votre vos nos notre si leur ces peut pouvons ont elle lorsque afin tout
        même ainsi sans comme données personnelles informations utilisons services site tiers droit politique
        traitement lors""",
    "ga": """an na agus a ar i is le go do ag sa as ní atá tá bhfuil nó seo sin siad sé sí muid sinn chun leis faoi ó
        nach gach aon mar don den lena ina bheith féidir linn leat agat againn sonraí pearsanta faisnéis úsáid
        seirbhísí láithreán má nuair tú""",
    "gl": """de a o que e do da en os as un unha para con por non se no na dos das ao á é como máis polo pola seu súa
        nos nas sobre ou cando tamén pode podemos noso nosa nosos teu túa vostede estes esta este datos persoais
        información servizos sitio terceiros utilizamos calquera polos ser está pero hai ten favor unhas""",
    "hr": """i je u na se da su za od s o a kao koji koje koja ne to ili iz što mi vas nas vaše naše sve može možemo
        kada ako do po te ova ove ovaj biti jer samo možete prema kako vam nam ti sa bi podatke podataka podaci osobne
        osobnih informacije informacija usluge usluga lične ličnih stranice stranici korisnika prikupljamo koristimo
        pravo nije treba ima nema ali više ste li će ovo ovog njih""",
    "hu": """a az és hogy nem is egy ez meg de ha csak vagy mint el már kell mert azt ezt ki még lehet minden ön önnek
        azok ezek által szerint során illetve valamint esetén alapján vonatkozó amely amelyek amennyiben adatok
        adatokat adatait személyes információkat használjuk szolgáltatás weboldal kapcsolatban után pedig mi vannak
        hozzájárulás adatkezelés való nincs történő erre ennek szükséges""",
    "id": """dan yang di untuk dengan dari kami anda ini dalam atau pada tidak adalah akan dapat oleh ke itu kepada
        juga sebagai lain tersebut telah kita jika bagi saya seperti boleh setiap ada mereka apabila secara kecuali
        informasi pribadi data layanan situs menggunakan maklumat peribadi perkhidmatan tentang ketiga pihak harus
        melalui serta agar bisa""",
    "is": """og að í á er sem við um það til með þú fyrir ekki af en eða þess þau eru vera þetta þessi okkar þínar
        þinni frá hafa hefur verið þegar ef svo þá geta getum munum kann upplýsingar upplýsingum persónuupplýsingar
        notum vefsíðu vefsvæði þjónustu þér okkur hún hann sér var ég""",
    "it": """di e il la che in a per un è non una del i con da le si sono dei della al ha lo come o più anche gli alla
        se nel delle dal questo nella ci questa suoi sua suo nostri nostra nostro nostre essere quando può possono
        possiamo tuoi tua tuo vostri vostra sul dati personali informazioni utilizziamo servizi sito terzi qualsiasi
        tra ogni dell all l solo utente raccogliamo""",
    "lt": """ir į yra kad su iš tai ne kaip bet o jūsų mes jūs apie arba mūsų gali galime ar jei būti tik už prie kai
        pagal nuo iki savo buvo šią šios šis šie jums mums kurie kurios kuriuos taip pat duomenys duomenis duomenų
        asmens informaciją informacija naudojame svetainėje paslaugas paslaugų tam visi kurių bus""",
    "lv": """un ir ar no par uz kas ka vai lai jūsu mēs mūsu jūs tiek arī šo šī šīs šajā to var varam nav kā pie pēc ja
        bet tikai jums mums tā līdz kuru kuras savu esam tos datus dati datu personas informāciju informācija
        izmantojam vietnē vietnes pakalpojumu pakalpojumus piemēram būt visi kad citu""",
    "mt": """li ta u il l fuq għal ma minn dan din jew b f biex kif bħal mill tal dawn kull tiegħek tagħna tagħkom jekk
        nistgħu inti aħna hija huwa hemm lil lill s fil bil dwar meta data personali informazzjoni nużaw sit servizzi
        tista ukoll mhux kollha għandna għandek tagħhom""",
    "nl": """de van en het een in te dat is op voor met zijn aan niet die er door om ook als bij uit naar ze of over
        wij we u uw ons onze kan kunnen worden wordt deze dit heeft hebben wanneer zoals dan maar nog tot je jouw geen
        al gegevens persoonsgegevens gebruiken informatie verzamelen diensten website derden indien waarvoor welke
        zullen alleen""",
    "no": """og i det er på til som en å for av at med de ikke den har vi du om et fra eller kan din dine vår våre oss
        ved seg vil hvis når også dette disse denne blir være skal ditt mer dem jeg hvordan opplysninger
        personopplysninger bruker samler tjenester nettsted nettstedet behandler hvilke etter bare andre noen må alle
        så men enn inn ble deres""",
    "pl": """i w na z do się że nie jest o to za od jak dla przez po oraz lub są które który może ich tym także jego
        przy czy tylko aby być gdy możemy nasze naszych nas państwa twoje twoich nam jeśli tego ten która innych dane
        danych osobowych osobowe informacje usług strony zgody celu zgodnie użytkownika mogą ze sposób prawo ma mają
        tej ta a""",
    "pt": """de a o que e do da em um para com não uma os no se na por mais as dos como ou ao das seu sua seus suas nos
        também quando pela pelo são este esta isso é à nossos nossas nosso nossa você pode podemos podem até ser está
        qualquer sobre entre dados pessoais informações serviços site terceiros utilizamos usuário utilizador caso
        estes outros""",
    "ro": """de și în a la cu pe să este nu că o din care pentru un mai sau ale sunt al fi se ne prin ca le unei unui
        noastre noastră dumneavoastră dvs acest această aceste acestor când dacă putem poate lor fost am vă va vom ce
        despre fără datele date personal informații utilizăm site serviciile serviciilor cookie dar cum""",
    "sk": """a sa v na že je o s z do pre k za by aby sú byť alebo ktorý ktoré ktorá sme pri ako od po tiež tieto ich
        tejto môžeme naše našich vaše vašich vás nás nie iba môže podľa vo zo aj údaje údajov osobné osobných
        informácie služby služieb stránky stránok ak môžete súhlas ďalších preto keď má než ale táto tento toto viac
        ste si už jeho bude""",
    "sl": """in je v na se da so za z s ki ne pa o po tudi kot ali od smo do ter lahko vaše naše vas nas pri bi če iz
        ker bo kako sta to jih le vam nam biti zaradi osebne osebnih podatke podatkov podatki informacije uporabljamo
        storitev storitve strani spletno spletne spletni svoje ko samo ima nima ste več ni ta ampak njihove ob""",
    "sq": """dhe të e në i për me një që nuk është se nga do si ne ju tuaj tona dhënat më kjo ky këtë apo ose mund janë
        kur duke kemi keni por edhe nëse këto pa ka tuaja tonë jonë dhëna personale informacion përdorim faqe shërbimet""",
    "sv": """och i att det som en på är av för med den till inte om ett vi de har du kan din dina dig vår våra oss vid
        från eller ska så när även detta dessa denna blir bli genom vill hur ditt mer dem jag man uppgifter
        personuppgifter använder samlar tjänster webbplats behandlar vilka efter endast andra sådana""",
    "tr": """ve bir bu için ile de da olarak veya olan en daha çok gibi kadar sonra ise ki her ya size sizin biz bizim
        bizi ne değil olduğu tarafından bazı hakkında ilgili göre ancak üzere edilen eder siz şekilde kişisel verileri
        verilerinizi veriler bilgileri bilgiler bilgi kullanıyoruz hizmet hizmetler internet sitesi var yok zaman
        amacıyla olabilir ederiz olması bunu gerekli""",
    "vi": """và của các là có được cho trong không với những một này người để khi chúng tôi bạn về thông tin dữ liệu cá
        nhân sử dụng dịch vụ trang từ hoặc theo đến tại như cũng nếu sẽ việc bởi vào thể đã nhà ra phải đó nào""",
    "be": """і ў не на з у да што як гэта для або вы мы вашы нашы вас нас вам нам пры калі можа можам таксама так быць
        толькі гэтыя усе які якая якія персанальных даныя даных дадзеныя інфармацыю інфармацыі сайт сайта
        выкарыстоўваем паслуг каб ёсць іх яго без пра ці ад ваша""",
    "bg": """и на да се в за от е с че не по са ще до ли как като или което които който ние вас нас вашите нашите ви
        тази това тези може можем при ако във със само към лични данни информация услуги сайта използваме също бъде
        както между сте има няма но тях тяхната""",
    "mk": """и на да се во за од е со не по што или како кои која кој ќе ги го ја сте може можеме ние вас нас вашите
        нашите ви ни оваа овие тоа при ако само лични податоци информации користиме услуги страница сите исто така
        бидат беше меѓу до преку секој ваш ваши""",
    "ru": """и в не на что с по как это к из у за от о для же мы вы или ваши наши ваших наших вам нас вас его при если
        может можем также так то бы быть когда только эти все который которые персональных данные данных информацию
        информации сайт сайта используем услуг чтобы до их без этой имеет эта эту""",
    "sr": """и је у на се да су за од с о а као који које која не то или из што ми вас нас ваше наше може можемо када
        ако до по те ова ове овај бити јер само можете према како вам податке података подаци личне личних информације
        користимо прикупљамо услуге сајт""",
    "uk": """і в на не що з у до як та за про від для це ми ви або ваші наші ваших наших вам нас вас його при якщо може
        можемо також так бути коли тільки ці всі який які персональних дані даних інформацію інформації сайт сайту
        використовуємо послуг щоб є їх й без цієї ваша має ця цю нам""",
    "ar": """في من على إلى عن أن التي الذي هذا هذه مع أو ما لا لم كما قد بعد بين ذلك كل عند إذا أي لك بك لنا بنا نحن
        يمكن خلال حول وفقا غير البيانات الشخصية المعلومات معلومات بيانات خدماتنا موقعنا نستخدم نجمع الخاصة عليها بها
        فيها يتم لن""",
    "fa": """و در به از که این را با است برای آن ما شما یا هم بر تا می اگر کند شود خود های هر باید نیز ها شده کنیم
        اطلاعات شخصی داده خدمات سایت استفاده هستند همچنین توسط ممکن نمی""",
    "ur": """کے کی میں ہے کا اور سے کو ہیں پر کہ یہ نے ہم آپ یا بھی جو اس کر ان تو نہیں لیے کسی ہمارے ذاتی معلومات
        استعمال کرتے اگر گے خدمات""",
    "hi": """के का की में और है से को हैं पर यह हम आप या भी कि नहीं लिए ने जो इस कर तो अपने आपकी हमारी जानकारी
        व्यक्तिगत उपयोग सेवाओं करते किसी हमारे आपके""",
}
"""The words of each language that other languages of its script could be taken for, by its code."""

LANGUAGE_BY_SCRIPT = {
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "KANNADA": "kn",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
"""Scripts that tell the language, as the names of their characters in Unicode begin."""
