//! The one list of what can be set.

use crate::kind::Kind;

/// One setting. Its default is not in here: it is read from [`Settings::default`](crate::Settings).
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Dotted; a part in capitals stands for a name the operator chooses.
    pub key: &'static str,
    pub kind: Kind,
    /// What holds when it is not set, for those without a value of their own: Chinese, English.
    pub unset: Option<(&'static str, &'static str)>,
    pub zh: &'static str,
    pub en: &'static str,
    /// In TOML, to the right of the `=`.
    pub example: &'static str,
}

const HOSTS: Option<(&str, &str)> = Some(("主机内置值", "the host's own"));
const NO_TLS: Option<(&str, &str)> = Some(("无（不加密）", "none (not encrypted)"));
const NO_SENDER: Option<(&str, &str)> = Some(("无（不发布预警）", "none (no alerts are published)"));
const NO_SET: Option<(&str, &str)> = Some(("无", "none"));

const fn set(key: &'static str, kind: Kind, zh: &'static str, en: &'static str, example: &'static str) -> Setting {
    Setting { key, kind, unset: None, zh, en, example }
}

const fn limit(key: &'static str, max: u64, zh: &'static str, en: &'static str, example: &'static str) -> Setting {
    Setting { key, kind: Kind::Whole(1, max), unset: HOSTS, zh, en, example }
}

const fn foot(key: &'static str, zh: &'static str, en: &'static str, example: &'static str) -> Setting {
    Setting { key, kind: Kind::Line, unset: Some(("不显示", "not shown")), zh, en, example }
}

/// Every setting, in the order of the documentation.
pub const TABLE: &[Setting] = &[
    set(
        "data",
        Kind::Folder,
        "数据文件夹：日志、存储、快照、密钥",
        "Data folder: journal, store, snapshots, keys",
        r#""/var/lib/changzhi""#,
    ),
    set(
        "listen",
        Kind::Address,
        "监听地址与端口；端口 0 取空闲端口",
        "Address and port to listen on; port 0 takes a free one",
        r#""0.0.0.0:8080""#,
    ),
    set(
        "plugins",
        Kind::Folder,
        "插件（*.wasm）所在文件夹",
        "Folder with the plugins (*.wasm)",
        r#""/usr/lib/changzhi/plugins""#,
    ),
    Setting {
        key: "cache",
        kind: Kind::Folder,
        unset: Some(("数据文件夹内的 cache", "`cache` in the data folder")),
        zh: "编译后插件的缓存文件夹；只应由主机写入",
        en: "Folder of compiled plugins; only the host may write it",
        example: r#""/var/cache/changzhi""#,
    },
    Setting {
        key: "flows",
        kind: Kind::Folder,
        unset: Some(("随本系统提供的日历与规则", "the calendars and rules this project ships")),
        zh: "本地工作日历（calendars/*.toml）与办理规则（flows/*.toml）所在文件夹；同名者取代自带的",
        en: "Folder with the deployment's own calendars (calendars/*.toml) and rules of flows (flows/*.toml); they take the place of those of the same name",
        example: r#""/etc/changzhi/flows""#,
    },
    set("demo", Kind::Flag, "启动时建立演示城市与演示账号", "Make the demo city and its sign-ins at start", "true"),
    set("session_hours", Kind::Whole(1, 168), "登录有效小时数", "Hours a sign-in lasts", "8"),
    set(
        "snapshot_every",
        Kind::Whole(1, 1_000_000_000),
        "每多少笔事务写一次快照；越小启动越快，写盘越多",
        "Transactions from one snapshot to the next; fewer start faster and write more",
        "20000",
    ),
    Setting {
        key: "tls.certificate",
        kind: Kind::File,
        unset: NO_TLS,
        zh: "证书文件（PEM，自己的在前，中间证书随后）；与 tls.key 同时设置后只提供 HTTPS 与 HTTP/2",
        en: "Certificate file (PEM, the host's own first, then intermediates); with tls.key the host speaks only HTTPS and HTTP/2",
        example: r#""/etc/changzhi/cert.pem""#,
    },
    Setting {
        key: "tls.key",
        kind: Kind::File,
        unset: NO_TLS,
        zh: "证书私钥文件（PEM，不加密；只应由主机读取）",
        en: "Private key of the certificate (PEM, unencrypted; only the host should read it)",
        example: r#""/etc/changzhi/key.pem""#,
    },
    set(
        "tls.proxy",
        Kind::Flag,
        "前置代理已加密：Cookie 只经加密连接发送，并要求浏览器一直用 HTTPS",
        "A proxy before the host encrypts: cookies are sent encrypted only, and browsers are told to stay with HTTPS",
        "true",
    ),
    set(
        "log.level",
        Kind::Level,
        "日志级别，可按模块细分",
        "Log level, also for single modules",
        r#""info,changzhi_gate=debug""#,
    ),
    set("log.format", Kind::Choice(&["text", "json"]), "日志格式", "Log format", r#""json""#),
    set(
        "portal.title",
        Kind::Line,
        "页首显示的机构全称",
        "The agency's full name, at the head of each page",
        r#""南昌市市域社会治理中心""#,
    ),
    foot("portal.sponsor", "页脚：主办单位", "Foot: the sponsor", r#""南昌市人民政府""#),
    foot("portal.site_code", "页脚：网站标识码", "Foot: the site's code", r#""3601000001""#),
    foot("portal.icp", "页脚：ICP 备案号", "Foot: the ICP filing", r#""赣ICP备00000000号""#),
    foot("portal.police", "页脚：公安备案号", "Foot: the public-security filing", r#""赣公网安备 36010000000000号""#),
    foot("portal.contact", "页脚：联系方式", "Foot: how to reach whoever runs it", r#""0791-12345""#),
    set(
        "portal.late_hours",
        Kind::Whole(1, 8760),
        "数据来源多少小时没有新数据即显示为迟到",
        "Hours without anything new after which a source of data is shown as late",
        "6",
    ),
    Setting {
        key: "map.tiles",
        kind: Kind::Line,
        unset: Some(("不用底图", "no base map")),
        zh: "底图瓦片在本站的路径，含 {z}、{x}、{y}；外部瓦片服务须由前置代理转发，页面不向外站取任何内容",
        en: "Path of the base map's tiles on this host, with {z}, {x} and {y}; a tile service elsewhere is forwarded by the proxy, since pages load nothing from other hosts",
        example: r#""/tiles/{z}/{x}/{y}.png""#,
    },
    Setting {
        key: "map.file",
        kind: Kind::File,
        unset: Some(("不用本地瓦片文件", "no local archive")),
        zh: "底图瓦片的本地文件（PMTiles 第 3 版，栅格或矢量），由本机直接提供；同时设置 map.tiles 时以本文件为准",
        en: "Local archive of the base map's tiles (PMTiles version 3, pictures or vector), served by the host itself; it comes before map.tiles",
        example: r#""/var/lib/changzhi/nanchang.pmtiles""#,
    },
    set(
        "map.datum",
        Kind::Choice(&["wgs84", "gcj02", "bd09"]),
        "底图的坐标系；系统内一律用 WGS84，只在叠加到底图时换算",
        "Datum the base map is drawn in; inside everything is WGS84, converted only to be laid over it",
        r#""gcj02""#,
    ),
    Setting {
        key: "map.attribution",
        kind: Kind::Line,
        unset: Some(("无", "none")),
        zh: "底图的来源与审图号",
        en: "Where the base map comes from, with its approval number",
        example: r#""© 天地图 GS(2024)0568号""#,
    },
    set("map.max_zoom", Kind::Whole(1, 22), "底图的最大级别", "The base map's largest zoom", "17"),
    set(
        "files.max_mib",
        Kind::Whole(1, 100),
        "一个附件的大小上限（MiB）；手机照片在上传前已缩小",
        "Largest attached file in MiB; photos of a phone are drawn smaller before they are sent",
        "20",
    ),
    set(
        "files.max_megapixels",
        Kind::Whole(1, 400),
        "照片解码的像素上限（百万）；决定处理一张照片所用的内存，每百万像素约 4 MB",
        "Most megapixels of a picture that is decoded; decides the memory one takes, some 4 MB a megapixel",
        "100",
    ),
    set(
        "files.wait_hours",
        Kind::Whole(1, 720),
        "上传后多少小时仍未随表单提交的附件自动清除",
        "Hours after which a file that no form took is removed",
        "72",
    ),
    Setting {
        key: "print.program",
        kind: Kind::File,
        unset: Some(("主机程序旁的 changzhi-typeset", "`changzhi-typeset` beside the host's own program")),
        zh: "生成 PDF 的排版程序；没有它时页面不提供 PDF",
        en: "Program that sets pages as PDF; without it pages offer none",
        example: r#""/usr/lib/changzhi/changzhi-typeset""#,
    },
    Setting {
        key: "print.fonts",
        kind: Kind::Folder,
        unset: Some(("只用系统字体", "the system's fonts only")),
        zh: "打印所用字体的文件夹，先于系统字体",
        en: "Folder of fonts for printing; they come before the system's",
        example: r#""/etc/changzhi/fonts""#,
    },
    Setting {
        key: "room.stun",
        kind: Kind::Line,
        unset: Some(("无（只在同一网络内接通）", "none (browsers meet in the same network only)")),
        zh: "线上会谈室：STUN 服务器地址，多个以空格分开；浏览器据此找到彼此",
        en: "Online rooms: addresses of STUN servers, with spaces between them; browsers find each other by them",
        example: r#""stun:stun.example.gov.cn:3478""#,
    },
    Setting {
        key: "room.turn",
        kind: Kind::Line,
        unset: Some(("无（不经中继）", "none (no relay)")),
        zh: "线上会谈室：TURN 中继地址，多个以空格分开；与 room.turn_secret 同时设置，使用限时凭证（coturn 的 use-auth-secret）",
        en: "Online rooms: addresses of the TURN relay, with spaces between them; given with room.turn_secret, and used with credentials that end by themselves (coturn's use-auth-secret)",
        example: r#""turn:turn.example.gov.cn:3478?transport=udp turns:turn.example.gov.cn:5349""#,
    },
    Setting {
        key: "room.turn_secret",
        kind: Kind::File,
        unset: Some(("无（不经中继）", "none (no relay)")),
        zh: "线上会谈室：存放与中继共用密钥的文件，一行，至少 16 个字符（coturn 的 static-auth-secret；只应由主机读取）",
        en: "Online rooms: file with the secret shared with the relay, one line of at least 16 characters (coturn's static-auth-secret; only the host should read it)",
        example: r#""/etc/changzhi/turn-secret""#,
    },
    set(
        "room.relay_only",
        Kind::Flag,
        "线上会谈室：音视频一律经中继，各方互不知道对方的网络地址",
        "Online rooms: everything goes through the relay, so that no party learns the network address of another",
        "true",
    ),
    Setting {
        key: "cap.sender",
        kind: Kind::Line,
        unset: NO_SENDER,
        zh: "公共预警：发布单位编码，14 位数字（GB/T 35965.1：6 位区划、3 位部门、3 位单位、2 位自编）；预警编号由它开头",
        en: "Public alerts: code of the sender, fourteen digits (GB/T 35965.1: division 6, department 3, unit 3, its own 2); identifiers of alerts begin with it",
        example: r#""36010041600000""#,
    },
    Setting {
        key: "cap.address",
        kind: Kind::Line,
        unset: NO_SENDER,
        zh: "公共预警：CAP 报文中的发布单位标识，全球唯一，一般用电子邮件地址或域名",
        en: "Public alerts: what CAP calls the sender, unique in the world, mostly a mail address or a domain",
        example: r#""alerts@example.gov.cn""#,
    },
    Setting {
        key: "cap.name",
        kind: Kind::Line,
        unset: NO_SENDER,
        zh: "公共预警：发布单位名称",
        en: "Public alerts: name of the sender",
        example: r#""南昌市预警信息发布中心""#,
    },
    Setting {
        key: "cap.name_en",
        kind: Kind::Line,
        unset: Some(("用中文名称", "the Chinese name")),
        zh: "公共预警：发布单位英文名称",
        en: "Public alerts: name of the sender in English",
        example: r#""Nanchang Early Warning Centre""#,
    },
    set(
        "outbox.retry",
        Kind::Line,
        "对外消息：同一渠道失败后依次间隔多久再试（s、min、h），以空格分开；最后一次之后改用收件人的下一渠道",
        "Messages: how long after each failure the same channel is tried again (s, min, h), with spaces between; after the last the receiver's next channel is taken",
        r#""5s 1min 10min""#,
    ),
    set(
        "outbox.seconds",
        Kind::Whole(1, 120),
        "对外消息：一次发送最多多少秒",
        "Messages: seconds one sending may take",
        "20",
    ),
    Setting {
        key: "outbox.address",
        kind: Kind::Line,
        unset: Some(("邮件中不附链接", "mails hold no link")),
        zh: "对外消息：本站网址，用于邮件中的链接",
        en: "Messages: the portal's own address, for links in mails",
        example: r#""https://changzhi.example.gov.cn""#,
    },
    Setting {
        key: "outbox.ca",
        kind: Kind::File,
        unset: Some(("公共证书机构", "the public authorities")),
        zh: "对外消息：自有证书机构的证书（PEM）；设置后各网关与邮件服务器只信任它",
        en: "Messages: certificate of the deployment's own authority (PEM); with it gateways and mail servers are trusted by it alone",
        example: r#""/etc/changzhi/ca.pem""#,
    },
    Setting {
        key: "sms.url",
        kind: Kind::Line,
        unset: Some(("不发短信", "no SMS is sent")),
        zh: "短信网关的 HTTP 接口地址",
        en: "Address of the SMS gateway's HTTP interface",
        example: r#""https://sms.example.gov.cn/send""#,
    },
    set(
        "sms.method",
        Kind::Choice(&["post", "get"]),
        "短信网关：请求方法",
        "SMS gateway: method of the request",
        r#""get""#,
    ),
    set(
        "sms.template",
        Kind::Line,
        "短信网关：请求内容，JSON 对象或 name={to}&other={text} 表单；可用 {to} 号码、{text} 内容、{key} 消息编号、{secret} 密钥",
        "SMS gateway: what is sent, a JSON object or a form as name={to}&other={text}; {to} is the number, {text} the words, {key} the message's key, {secret} the secret",
        r#""phone={to}&content={text}&id={key}""#,
    ),
    Setting {
        key: "sms.header",
        kind: Kind::Line,
        unset: Some(("无", "none")),
        zh: "短信网关：附加请求头，可含 {secret}",
        en: "SMS gateway: a further header, may hold {secret}",
        example: r#""Authorization: Bearer {secret}""#,
    },
    Setting {
        key: "sms.secret",
        kind: Kind::File,
        unset: Some(("无", "none")),
        zh: "短信网关：存放密钥的文件，一行（只应由主机读取）",
        en: "SMS gateway: file with the secret, one line (only the host should read it)",
        example: r#""/etc/changzhi/sms-secret""#,
    },
    Setting {
        key: "sms.success",
        kind: Kind::Line,
        unset: Some(("只看 HTTP 状态", "the HTTP status alone")),
        zh: "短信网关：应答 JSON 的何处为何值才算成功（JSON Pointer=值）",
        en: "SMS gateway: which place of the answer's JSON holds which value on success (JSON Pointer=value)",
        example: r#""/code=0""#,
    },
    Setting {
        key: "sms.receipts",
        kind: Kind::File,
        unset: Some(("不收回执", "none are taken")),
        zh: "短信回执：存放网关回报时所用密钥的文件，一行，至少 16 个字符；回报地址为 POST /outbox/receipts，请求头 Authorization: Bearer 密钥",
        en: "SMS receipts: file with the secret the gateway reports with, one line of at least 16 characters; it reports to POST /outbox/receipts with the header Authorization: Bearer SECRET",
        example: r#""/etc/changzhi/sms-receipts""#,
    },
    set(
        "sms.receipt_key",
        Kind::Line,
        "短信回执：JSON 中消息编号所在（JSON Pointer）",
        "SMS receipts: where their JSON holds the message's key (JSON Pointer)",
        r#""/data/msgid""#,
    ),
    set(
        "sms.receipt_state",
        Kind::Line,
        "短信回执：JSON 中状态所在（JSON Pointer）",
        "SMS receipts: where their JSON holds the state (JSON Pointer)",
        r#""/data/status""#,
    ),
    set(
        "sms.receipt_delivered",
        Kind::Line,
        "短信回执：表示已送达的状态值；其他值均为未送达",
        "SMS receipts: the state that means delivered; any other means it was not",
        r#""DELIVRD""#,
    ),
    Setting {
        key: "mail.server",
        kind: Kind::Line,
        unset: Some(("不发邮件", "no mail is sent")),
        zh: "邮件服务器 主机:端口（SMTP）",
        en: "Mail server as host:port (SMTP)",
        example: r#""smtp.example.gov.cn:587""#,
    },
    set(
        "mail.tls",
        Kind::Choice(&["starttls", "tls", "none"]),
        "邮件服务器：加密方式；none 只用于本机上的服务器",
        "Mail server: how the connection is encrypted; none is for a server on the same machine only",
        r#""tls""#,
    ),
    Setting {
        key: "mail.from",
        kind: Kind::Line,
        unset: Some(("无", "none")),
        zh: "邮件：发件人；设置 mail.server 时必填",
        en: "Mail: who writes; needed with mail.server",
        example: r#""昌治 <notice@example.gov.cn>""#,
    },
    Setting {
        key: "mail.user",
        kind: Kind::Line,
        unset: Some(("不登录", "no sign-in")),
        zh: "邮件服务器：用户名，与 mail.password 同时设置",
        en: "Mail server: user, given with mail.password",
        example: r#""notice""#,
    },
    Setting {
        key: "mail.password",
        kind: Kind::File,
        unset: Some(("不登录", "no sign-in")),
        zh: "邮件服务器：存放密码的文件，一行（只应由主机读取）",
        en: "Mail server: file with the password, one line (only the host should read it)",
        example: r#""/etc/changzhi/mail-password""#,
    },
    Setting {
        key: "push.contact",
        kind: Kind::Line,
        unset: Some(("不用浏览器推送", "no Web Push")),
        zh: "浏览器推送：推送服务联系本单位的地址（mailto: 或 https:）；密钥由主机自行生成并密封保存",
        en: "Web Push: where push services reach you (mailto: or https:); the key is made by the host and kept sealed",
        example: r#""mailto:it@example.gov.cn""#,
    },
    set(
        "push.services",
        Kind::Line,
        "浏览器推送：允许调用的推送服务，以空格分开；*. 表示其下所有主机",
        "Web Push: the push services that may be called, with spaces between; *. stands for every host below",
        r#""https://updates.push.services.mozilla.com""#,
    ),
    Setting {
        key: "mqtt.broker",
        kind: Kind::Line,
        unset: Some(("不用 MQTT", "no MQTT")),
        zh: "固定按钮的 MQTT 代理地址：mqtts://主机:端口；同一台机器上可用 mqtt://127.0.0.1:1883",
        en: "MQTT broker of buttons on walls as mqtts://host:port; on the same machine mqtt://127.0.0.1:1883 will do",
        example: r#""mqtts://broker.example.gov.cn:8883""#,
    },
    set(
        "mqtt.client",
        Kind::Line,
        "MQTT：本主机在代理处的会话名；代理按它保留主机停机期间的消息，同一代理上不得有第二个同名者",
        "MQTT: the name of this host's session, under which the broker keeps what comes while the host is down; no other may have it",
        r#""changzhi-north""#,
    ),
    Setting {
        key: "mqtt.user",
        kind: Kind::Line,
        unset: Some(("不登录", "no sign-in")),
        zh: "MQTT：用户名，与 mqtt.password 同时设置",
        en: "MQTT: user, given with mqtt.password",
        example: r#""changzhi""#,
    },
    Setting {
        key: "mqtt.password",
        kind: Kind::File,
        unset: Some(("不登录", "no sign-in")),
        zh: "MQTT：存放密码的文件，一行（只应由主机读取）",
        en: "MQTT: file with the password, one line (only the host should read it)",
        example: r#""/etc/changzhi/mqtt-password""#,
    },
    set(
        "mqtt.prefix",
        Kind::Line,
        "MQTT：主题的前几级；按钮发布到 前缀/场所/设备号/press",
        "MQTT: the first levels of the topics; a button publishes to PREFIX/SITE/DEVICE/press",
        r#""city/alarm""#,
    ),
    Setting {
        key: "mqtt.ca",
        kind: Kind::File,
        unset: Some(("无", "none")),
        zh: "MQTT：签发代理证书的机构的证书文件（PEM）；mqtts:// 必填",
        en: "MQTT: file with the certificate of the authority that signs the broker's (PEM); needed with mqtts://",
        example: r#""/etc/changzhi/mqtt-ca.pem""#,
    },
    set(
        "mqtt.patience",
        Kind::Whole(1, 3600),
        "MQTT：代理断开多少秒后告知坐席（按钮按了不响）",
        "MQTT: seconds the broker may be away before the seats are told that buttons do not ring",
        "60",
    ),
    set(
        "rate.token",
        Kind::Whole(0, 1_000_000),
        "每个令牌（或账号的网页登录）每秒命令数上限；0 为不限",
        "Commands a second of one token, or of an account's sign-ins; 0 sets no limit",
        "50",
    ),
    set(
        "rate.account",
        Kind::Whole(0, 1_000_000),
        "每个账号经所有途径合计的每秒命令数上限；0 为不限",
        "Commands a second of one account by all its ways in; 0 sets no limit",
        "100",
    ),
    set(
        "rate.burst",
        Kind::Whole(1, 3600),
        "未用的额度最多可积存多少秒",
        "Seconds' worth of commands that may be saved up",
        "30",
    ),
    Setting {
        key: "sets.NAME.plugins",
        kind: Kind::Plugins,
        unset: NO_SET,
        zh: "区县插件集：该集启用的插件；设了任何一集后，插件只在所在各集的区划内办理，不属于任何集的插件不载入",
        en: "County plugin set: the plugins it works with; once there is a set, a plugin answers in the divisions of its sets only, and one in no set is not loaded",
        example: r#"["services", "command"]"#,
    },
    Setting {
        key: "sets.NAME.divisions",
        kind: Kind::Codes,
        unset: NO_SET,
        zh: "区县插件集：适用的区划代码（含其下辖的全部地点）；一个区划只属于一个集",
        en: "County plugin set: codes of its divisions, with all that lies within them; a division is in one set only",
        example: r#"["360121"]"#,
    },
    limit("limits.PLUGIN.handle_ms", 60_000, "处理一条命令的毫秒上限", "Milliseconds for one command", "50"),
    limit("limits.PLUGIN.view_ms", 60_000, "生成一个页面的毫秒上限", "Milliseconds for one page", "200"),
    limit(
        "limits.PLUGIN.react_ms",
        60_000,
        "响应一笔事务的毫秒上限",
        "Milliseconds to react to one transaction",
        "200",
    ),
    limit("limits.PLUGIN.job_step_ms", 600_000, "长任务一步的毫秒上限", "Milliseconds for one step of a job", "2000"),
    limit("limits.PLUGIN.memory_mib", 4096, "一个实例的内存上限（MiB）", "Memory of one instance in MiB", "64"),
    limit(
        "limits.PLUGIN.host_calls",
        10_000_000,
        "一次调用内的主机调用次数上限",
        "Calls of the host in one call",
        "10000",
    ),
    limit("limits.PLUGIN.output_kib", 1 << 20, "一次调用的输出上限（KiB）", "Output of one call in KiB", "4096"),
    limit("limits.PLUGIN.changes", 1_000_000, "一条命令的变更数上限", "Changes of one command", "10000"),
    limit("limits.PLUGIN.nodes", 1_000_000, "一个页面的节点数上限", "Nodes of one page", "20000"),
];

impl Setting {
    pub(crate) fn parts(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.key.split('.')
    }
}

/// A part that stands for a chosen name.
pub(crate) fn is_chosen(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_uppercase())
}

/// What a path is: a setting, the way to some, or nothing known.
pub(crate) enum Found {
    Setting(&'static Setting),
    Group,
    Unknown,
}

pub(crate) fn find(path: &[String]) -> Found {
    let mut group = false;
    for setting in TABLE {
        let mut parts = setting.parts();
        if path.iter().all(|have| parts.next().is_some_and(|part| part == have.as_str() || is_chosen(part))) {
            if parts.next().is_none() {
                return Found::Setting(setting);
            }
            group = true;
        }
    }
    if group { Found::Group } else { Found::Unknown }
}

/// The known key most like this one, with the operator's own names in it.
pub(crate) fn nearest(path: &[String]) -> Option<String> {
    let asked = path.join(".");
    let last = path.last()?;
    let mut best: Option<(f64, String)> = None;
    for setting in TABLE {
        let mut known: Vec<&str> = Vec::new();
        for (at, part) in setting.parts().enumerate() {
            let own = path.get(at).map(String::as_str).filter(|_| is_chosen(part));
            known.push(own.unwrap_or(part));
            let key = known.join(".");
            let close = strsim::normalized_damerau_levenshtein(&asked, &key);
            let tail = strsim::normalized_damerau_levenshtein(last, known.last().copied().unwrap_or_default());
            let score = close.max(if is_chosen(part) { 0.0 } else { tail * 0.9 });
            if score >= 0.5 && best.as_ref().is_none_or(|(most, _)| score > *most) {
                best = Some((score, key));
            }
        }
    }
    best.map(|(_, key)| key)
}
