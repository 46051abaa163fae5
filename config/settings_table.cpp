// SPDX-License-Identifier: Apache-2.0
//
// key, default, bounds, unit, meaning (Chinese, English), where it is kept. The shipped file has this order. Writing a key here is all
// that a new setting needs; then print config/gatehouse.toml anew (tests/unit/config says how).
#include "config/settings_table.hpp"

#include "config/settings.hpp"

namespace gatehouse::config {

namespace {

using S = Settings;
using U = Upstream;
using E = Entitlement;

constexpr std::int64_t days_max = 36500;
constexpr std::int64_t mib = 1024 * 1024;

Row floor_days(std::string name, std::string_view days, std::string zh, std::string en, auto get) {
    return whole<S>("retention." + name + ".floor_days", days, 0, days_max, "days", zh + "至少保存的天数", "How long " + en + " are kept at least.",
                    get);
}
Row ceiling_days(std::string name, std::string_view days, std::string zh, std::string en, auto get) {
    return whole<S>("retention." + name + ".ceiling_days", days, 1, days_max, "days", zh + "最多保存的天数，到期必删",
                    "After how long " + en + " are deleted, whoever still waits for them.", get);
}

std::vector<Row> make_rows() {
    return {
        text<S>(
            "gateway.id", "!\"gw-0001\"", identifier, "网关编号，全区唯一，安装后不变",
            "The gateway's id, unique in its district, never changed after install.", [](S & s) -> auto& { return s.gateway.id; }),
        text<S>(
            "gateway.compound", "!\"compound-0001\"", identifier, "小区编号", "The compound's id.",
            [](S & s) -> auto& { return s.gateway.compound; }),
        choice<S>(
            "gateway.language", "\"zh\"", "zh en", "信息的语言", "The language of messages.", [](S & s) -> auto& { return s.gateway.language; }),
        whole<S>(
            "gateway.zone_minutes", "480", -720, 840, "minutes", "设备本地时间与 UTC 之差",
            "How far the local time of devices that state no zone is ahead of UTC.", [](S & s) -> auto& { return s.gateway.zone_minutes; }),
        choice<S>(
            "gateway.clock", "\"kernel\"", "kernel trusted", "时钟是否同步由谁判断：kernel 为系统，trusted 为外部已保证（虚拟机、PTP）",
            "Who says that our clock is synchronised: the kernel, or trusted where somebody outside keeps it (a virtual machine's host, PTP).",
            [](S & s) -> auto& { return s.gateway.clock; }),

        text<S>(
            "store.directory", "\"/var/lib/gatehouse\"", absolute_path, "事件日志和图片的目录", "Where the event log and the pictures are kept.",
            [](S & s) -> auto& { return s.store.directory; }),
        text<S>(
            "store.backups", "\"/var/backups/gatehouse\"", absolute_path, "日志副本的目录：日志头部损坏时从其中最新的完好副本继续",
            "Where copies of the log are kept: when its head is damaged, the newest good one is gone on from.",
            [](S & s) -> auto& { return s.store.backups; }),
        whole<S>(
            "store.commit_records_max", "1024", 1, 4096, "records", "一次提交最多包含的记录数", "How many records share one commit at most.",
            [](S & s) -> auto& { return s.store.commit_records_max; }),
        whole<S>(
            "store.digest_every_s", "3600", 60, 3600, "s", "签名摘要的间隔", "How often a signed digest of the log is written.",
            [](S & s) -> auto& { return s.store.digest_every_s; }),
        whole<S>(
            "store.reserve_bytes", "1073741824", 16 * mib, 1024 * 1024 * mib, "bytes", "磁盘最后的余量，低于此值才提前删除",
            "The disk's last reserve: only below it is anything deleted before its ceiling that an upstream still needs.",
            [](S & s) -> auto& { return s.store.reserve_bytes; }),

        floor_days(
            "passage", "180", "通行记录", "records of people passing", [](S & s) -> auto& { return s.retention.passage.floor_days; }),
        ceiling_days(
            "passage", "365", "通行记录", "records of people passing", [](S & s) -> auto& { return s.retention.passage.ceiling_days; }),
        floor_days(
            "vehicle", "180", "车辆记录", "records of vehicles", [](S & s) -> auto& { return s.retention.vehicle.floor_days; }),
        ceiling_days(
            "vehicle", "365", "车辆记录", "records of vehicles", [](S & s) -> auto& { return s.retention.vehicle.ceiling_days; }),
        floor_days(
            "alarm", "180", "报警记录", "records of alarms", [](S & s) -> auto& { return s.retention.alarm.floor_days; }),
        ceiling_days(
            "alarm", "1095", "报警记录", "records of alarms", [](S & s) -> auto& { return s.retention.alarm.ceiling_days; }),
        floor_days(
            "device", "90", "设备状态记录", "records of the state of devices", [](S & s) -> auto& { return s.retention.device.floor_days; }),
        ceiling_days(
            "device", "365", "设备状态记录", "records of the state of devices", [](S & s) -> auto& { return s.retention.device.ceiling_days; }),
        floor_days(
            "audit", "190", "审计记录", "records of the audit trail", [](S & s) -> auto& { return s.retention.audit.floor_days; }),
        ceiling_days(
            "audit", "1095", "审计记录", "records of the audit trail", [](S & s) -> auto& { return s.retention.audit.ceiling_days; }),
        floor_days(
            "system", "190", "网关自身的记录", "the gateway's records of itself", [](S & s) -> auto& { return s.retention.system.floor_days; }),
        ceiling_days(
            "system", "1095", "网关自身的记录", "the gateway's records of itself", [](S & s) -> auto& { return s.retention.system.ceiling_days; }),
        floor_days(
            "scene", "30", "现场图片", "pictures of the scene", [](S & s) -> auto& { return s.retention.scene.floor_days; }),
        ceiling_days(
            "scene", "90", "现场图片", "pictures of the scene", [](S & s) -> auto& { return s.retention.scene.ceiling_days; }),
        floor_days(
            "face", "0", "人脸图片", "pictures of faces", [](S & s) -> auto& { return s.retention.face.floor_days; }),
        ceiling_days(
            "face", "30", "人脸图片", "pictures of faces", [](S & s) -> auto& { return s.retention.face.ceiling_days; }),
        floor_days(
            "plate", "30", "车牌图片", "pictures of plates", [](S & s) -> auto& { return s.retention.plate.floor_days; }),
        ceiling_days(
            "plate", "90", "车牌图片", "pictures of plates", [](S & s) -> auto& { return s.retention.plate.ceiling_days; }),

        truth<S>(
            "registry.document_numbers", "false", "是否登记证件号码（仅当备案规定要求时开启）",
            "Whether numbers of documents are registered: only where a filing rule asks for them.",
            [](S & s) -> auto& { return s.registry.document_numbers; }),

        text<S>(
            "control.socket", "\"/run/gatehouse/control.sock\"", socket_path, "gatehousectl 使用的本机套接字",
            "The Unix socket on which gatehousectl is served.", [](S & s) -> auto& { return s.control.socket; }),
        text<S>(
            "control.group", "\"gatehouse\"", identifier, "可以连接该套接字的用户组", "The Unix group that may connect to it.",
            [](S & s) -> auto& { return s.control.group; }),
        text<S>(
            "control.groups.guard", "\"gatehouse-guard\"", identifier, "赋予保安角色的用户组", "The Unix group that gives the role of guard.",
            [](S & s) -> auto& { return s.control.groups.guard; }),
        text<S>(
            "control.groups.manager", "\"gatehouse-manager\"", identifier, "赋予物业经理角色的用户组",
            "The Unix group that gives the role of manager.", [](S & s) -> auto& { return s.control.groups.manager; }),
        text<S>(
            "control.groups.technician", "\"gatehouse-technician\"", identifier, "赋予技术员角色的用户组",
            "The Unix group that gives the role of technician.", [](S & s) -> auto& { return s.control.groups.technician; }),
        text<S>(
            "control.groups.auditor", "\"gatehouse-auditor\"", identifier, "赋予审计员角色的用户组", "The Unix group that gives the role of auditor.",
            [](S & s) -> auto& { return s.control.groups.auditor; }),
        text<S>(
            "control.groups.admin", "\"gatehouse-admin\"", identifier, "赋予管理员角色的用户组（root 总是管理员）",
            "The Unix group that gives the role of admin (root always has it).", [](S & s) -> auto& { return s.control.groups.admin; }),

        text<S>(
            "listeners.isapi.address", "\"\"", bind_address, "接收 ISAPI 设备推送的本机地址", "Our address to which ISAPI devices post.",
            [](S & s) -> auto& { return s.listeners.isapi.address; }),
        whole<S>(
            "listeners.isapi.port", "8090", 0, 65535, "", "端口，0 为关闭", "Its port; 0: off.",
            [](S & s) -> auto& { return s.listeners.isapi.port; }),
        text<S>(
            "listeners.isapi.interface", "\"\"", interface_name, "只在该网卡上接收", "The network interface that it is bound to.",
            [](S & s) -> auto& { return s.listeners.isapi.interface; }),
        text<S>(
            "listeners.uhppote.address", "\"\"", bind_address, "接收微耕控制器事件的本机地址",
            "Our address to which UHPPOTE controllers send their events.", [](S & s) -> auto& { return s.listeners.uhppote.address; }),
        whole<S>(
            "listeners.uhppote.port", "60001", 0, 65535, "", "端口，0 为关闭", "Its port; 0: off.",
            [](S & s) -> auto& { return s.listeners.uhppote.port; }),
        text<S>(
            "listeners.uhppote.interface", "\"\"", interface_name, "只在该网卡上接收", "The network interface that it is bound to.",
            [](S & s) -> auto& { return s.listeners.uhppote.interface; }),

        text<S>(
            "devices.import_file", "\"\"", optional_absolute_path, "启动时导入登记簿的 devices.toml，空为不导入",
            "A devices.toml that is read into the registry at the start; empty: none.", [](S & s) -> auto& { return s.devices.import_file; }),
        text<S>(
            "devices.events_directory", "\"/usr/share/gatehouse/events\"", absolute_path, "厂商事件代码表的目录",
            "Where the tables of vendors' event codes are.", [](S & s) -> auto& { return s.devices.events_directory; }),
        truth<S>(
            "devices.strangers", "false", "是否保存未识别人员的抓拍", "Whether captures of people whom a terminal did not recognise are kept.",
            [](S & s) -> auto& { return s.devices.strangers; }),

        text<S>(
            "power.ups", "\"\"", optional_identifier, "网关所接 UPS 的设备编号（驱动 nut），空为没有：停电期间的离线归于该次停电，电池将尽时正常停机",
            "The id of the UPS (driver nut) that this gateway hangs on; empty: none. What goes silent while it is on battery belongs to the outage, "
            "and "
            "at low battery the daemon stops in order.",
            [](S & s) -> auto& { return s.power.ups; }),
        whole<S>(
            "power.settle_s", "300", 30, 3600, "s", "来电后多久之内的离线仍归于该次停电",
            "How long after the mains are back a silence still belongs to the outage.", [](S & s) -> auto& { return s.power.settle_s; }),

        texts<S>(
            "time.sources", "[]", 8, host, "本机的时间服务器，由 chrony 使用（systemd/README.md）；空为 chrony 自己的设置",
            "The time servers of this machine, for chrony (systemd/README.md); none: chrony's own settings.",
            [](S & s) -> auto& { return s.time.sources; }),
        text<S>(
            "time.source_interface", "\"\"", interface_name, "只经该网卡访问时间服务器", "The network interface that they are asked by.",
            [](S & s) -> auto& { return s.time.source_interface; }),
        text<S>(
            "time.serve_interface", "\"\"", interface_name, "在该网卡上为设备校时，空为不提供",
            "The device network's interface, on which chrony serves time; empty: it does not.",
            [](S & s) -> auto& { return s.time.serve_interface; }),
        texts<S>(
            "time.serve_networks", "[]", 16, network, "可以校时的设备网段，如 192.168.50.0/24",
            "The networks of the devices that may ask, e.g. 192.168.50.0/24.", [](S & s) -> auto& { return s.time.serve_networks; }),
        text<S>(
            "recording.directory", "\"/var/lib/gatehouse/recordings\"", absolute_path, "录像目录，每台相机一个子目录",
            "Where recordings are kept, a folder for each camera.", [](S & s) -> auto& { return s.recording.directory; }),
        whole<S>(
            "recording.segment_s", "60", 1, 300, "s", "每个录像文件的时长", "How long each file of a recording is.",
            [](S & s) -> auto& { return s.recording.segment_s; }),
        choice<S>(
            "recording.policy", "\"always\"", "always on_event off", "何时录像（相机的 record 选项优先）",
            "When cameras are recorded, unless a camera's own option record says otherwise.", [](S & s) -> auto& { return s.recording.policy; }),
        whole<S>(
            "recording.preroll_s", "10", 0, 60, "s", "事件录像从内存补录的时长", "How much from before an event is recorded with it.",
            [](S & s) -> auto& { return s.recording.preroll_s; }),
        whole<S>(
            "recording.postroll_s", "10", 1, 600, "s", "事件结束后继续录像的时长", "How much after an event is recorded with it.",
            [](S & s) -> auto& { return s.recording.postroll_s; }),
        truth<S>(
            "recording.watch", "true", "分析画面：画面变动、遮挡、模糊、画面冻结（相机的 watch 选项优先）",
            "Whether pictures are looked at: motion, and cameras that are covered, blurred or frozen. A camera's own option watch comes first.",
            [](S & s) -> auto& { return s.recording.watch; }),
        whole<S>(
            "recording.floor_days", "30", 0, days_max, "days", "录像至少保存的天数，磁盘写满时除外",
            "How long recordings are kept at least; only a full disk comes before that, and says so.",
            [](S & s) -> auto& { return s.recording.kept.floor_days; }),
        whole<S>(
            "recording.ceiling_days", "90", 1, days_max, "days", "录像最多保存的天数，被锁定的除外",
            "After how long recordings are deleted, but for those that are locked.", [](S & s) -> auto& { return s.recording.kept.ceiling_days; }),
        whole<S>(
            "recording.bytes_max", "0", 0, 1024 * 1024 * 1024 * mib, "bytes", "全部录像最多占用的空间，0 为只受磁盘限制",
            "How much all recordings may take; 0: as much as the disk has.", [](S & s) -> auto& { return s.recording.bytes_max; }),
        whole<S>(
            "recording.reserve_bytes", "4294967296", 16 * mib, 1024 * 1024 * mib, "bytes", "录像盘保留的空闲空间",
            "How much of the recordings' disk stays free.", [](S & s) -> auto& { return s.recording.reserve_bytes; }),

        whole<S>(
            "limits.devices_max", "256", 1, 256, "", "设备数上限", "How many devices there may be.",
            [](S & s) -> auto& { return s.limits.devices_max; }),
        whole<S>(
            "limits.queue_records_max", "4096", 64, 65536, "records", "等待写入的记录数上限，超过后放慢设备",
            "How many records may wait to be written; beyond that devices are slowed.", [](S & s) -> auto& { return s.limits.queue_records_max; }),
        whole<S>(
            "limits.queue_bytes_max", "8388608", mib, 256 * mib, "bytes", "等待写入的字节数上限", "How many bytes of them.",
            [](S & s) -> auto& { return s.limits.queue_bytes_max; }),
        whole<S>(
            "limits.in_flight_bytes_max", "1048576", 65536, 64 * mib, "bytes", "每个上级平台已发未确认的字节数上限",
            "How many unacknowledged bytes each upstream may have.", [](S & s) -> auto& { return s.limits.in_flight_bytes_max; }),
        whole<S>(
            "limits.device_records_per_s_max", "50", 1, 10000, "records/s", "一台设备每秒的记录数上限，超过后只放慢该设备",
            "How many records a second one device may bring for long; beyond that it alone is slowed.",
            [](S & s) -> auto& { return s.limits.device_records_per_s_max; }),
        whole<S>(
            "limits.device_burst_records_max", "1000", 1, 100000, "records", "一台设备短时间内可超出的记录数",
            "How many records one device may bring at once before it is slowed.", [](S & s) -> auto& { return s.limits.device_burst_records_max; }),

        whole<S>(
            "limits.conversations_per_s_max", "16", 1, 256, "1/s", "每秒最多与几台设备建立会话，门禁优先",
            "How many conversations with devices may begin in a second, doors first: after a start, and when a site comes back from an outage.",
            [](S & s) -> auto& { return s.limits.conversations_per_s_max; }),

        choice<S>(
            "log.level", "\"info\"", "debug info warning error", "运行日志的最低级别", "The lowest level of the logger.",
            [](S & s) -> auto& { return s.log.level; }),
        choice<S>(
            "log.format", "\"text\"", "text json", "运行日志的格式", "The logger's format.", [](S & s) -> auto& { return s.log.format; }),

        tables<S>(
            "upstream", 16, "上级平台，每个一节", "Upstreams: the platforms that we report to, one table each",
            [](S & s) -> auto& { return s.upstreams; }),
        text<U>(
            "upstream[].name", "!\"district\"", identifier, "名称，不可重复", "Its name, unique.", [](U & u) -> auto& { return u.name; }),
        text<U>(
            "upstream[].broker", "!\"mqtts://broker.example:8883\"", broker_url, "MQTT 服务器", "The MQTT broker.",
            [](U & u) -> auto& { return u.broker; }),
        text<U>(
            "upstream[].interface", "\"\"", interface_name, "只经该网卡连接", "The network interface that its connection is bound to.",
            [](U & u) -> auto& { return u.interface; }),
        text<U>(
            "upstream[].client_id", "\"\"", optional_identifier, "MQTT 客户端标识，空为网关编号", "The MQTT client id; empty: the gateway's id.",
            [](U & u) -> auto& { return u.client_id; }),
        text<U>(
            "upstream[].username", "\"\"", optional_name, "用户名", "The user's name.", [](U & u) -> auto& { return u.username; }),
        text<U>(
            "upstream[].password_credential", "\"\"", credential, "密码的凭据名称或 0600 文件",
            "Where the password is: a credential's name or a file of mode 0600.", [](U & u) -> auto& { return u.password_credential; }),
        text<U>(
            "upstream[].ca_file", "\"\"", optional_absolute_path, "平台的 CA 证书，空为系统证书", "The platform's CA; empty: the system's.",
            [](U & u) -> auto& { return u.ca_file; }),
        text<U>(
            "upstream[].certificate_file", "\"\"", optional_absolute_path, "本网关的证书", "Our certificate.",
            [](U & u) -> auto& { return u.certificate_file; }),
        text<U>(
            "upstream[].key_file", "\"\"", optional_absolute_path, "证书的私钥，权限 0600", "Its private key, mode 0600.",
            [](U & u) -> auto& { return u.key_file; }),
        choice<U>(
            "upstream[].protocol", "\"5\"", "5 3.1.1", "MQTT 版本", "The version of MQTT.", [](U & u) -> auto& { return u.protocol; }),
        text<U>(
            "upstream[].root", "\"gatehouse/v1/{gateway}\"", topic_template, "主题的根", "What all its topics begin with.",
            [](U & u) -> auto& { return u.root; }),
        choice<U>(
            "upstream[].receipts", "\"ranges\"", "ranges cumulative puback none", "平台如何回执", "How its application says what it holds.",
            [](U & u) -> auto& { return u.receipts; }),
        whole<U>(
            "upstream[].receipt_wait_s", "30", 1, 600, "s", "等不到回执多久后重发（逐次加倍到 600）",
            "After how long without a receipt records are sent again (doubling to 600).", [](U & u) -> auto& { return u.receipt_wait_s; }),
        whole<U>(
            "upstream[].session_expiry_s", "86400", 86400, 604800, "s", "会话在服务器上的保留时间", "How long the broker keeps our session.",
            [](U & u) -> auto& { return u.session_expiry_s; }),
        whole<U>(
            "upstream[].batch_records_max", "500", 1, 1000, "records", "一条消息最多的记录数", "How many records one message holds at most.",
            [](U & u) -> auto& { return u.batch_records_max; }),
        whole<U>(
            "upstream[].batch_bytes_max", "262144", 1024, 262144, "bytes", "一条消息最多的字节数", "How many bytes.",
            [](U & u) -> auto& { return u.batch_bytes_max; }),
        position<U>(
            "upstream[].from", "新平台从哪里开始：head 为从现在起", "Where a new upstream starts: head (from now on), or a position.",
            [](U & u) -> auto& { return u.from; }),
        texts<U>(
            "upstream[].request_keys", "[]", 8, public_key, "平台签署请求的公钥，空为不接受请求",
            "The keys that its requests are signed with; none: requests are refused.", [](U & u) -> auto& { return u.request_keys; }),
        truth<U>(
            "upstream[].door_requests", "false", "是否接受开门请求（仍须保安确认）", "Whether it may ask for a door (a guard still confirms).",
            [](U & u) -> auto& { return u.door_requests; }),
        truth<U>(
            "upstream[].internet", "false", "是否经互联网到达", "Whether it is reached over the internet.",
            [](U & u) -> auto& { return u.internet; }),
        text<U>(
            "upstream[].topics.status", "\"{root}/status\"", topic_template, "状态主题", "The topic of our state.",
            [](U & u) -> auto& { return u.topics.status; }),
        text<U>(
            "upstream[].topics.catalogue", "\"{root}/catalogue\"", topic_template, "目录主题", "The topic of the catalogue.",
            [](U & u) -> auto& { return u.topics.catalogue; }),
        text<U>(
            "upstream[].topics.records", "\"{root}/records\"", topic_template, "记录主题", "The topic of records.",
            [](U & u) -> auto& { return u.topics.records; }),
        text<U>(
            "upstream[].topics.urgent", "\"{root}/urgent\"", topic_template, "紧急记录主题", "The topic of urgent records.",
            [](U & u) -> auto& { return u.topics.urgent; }),
        text<U>(
            "upstream[].topics.pictures", "\"{root}/pictures\"", topic_template, "图片主题", "The topic of pictures.",
            [](U & u) -> auto& { return u.topics.pictures; }),
        text<U>(
            "upstream[].topics.receipts", "\"{root}/receipts\"", topic_template, "回执主题（下行）", "The topic of receipts (down).",
            [](U & u) -> auto& { return u.topics.receipts; }),
        text<U>(
            "upstream[].topics.requests", "\"{root}/requests\"", topic_template, "请求主题（下行）", "The topic of requests (down).",
            [](U & u) -> auto& { return u.topics.requests; }),
        text<U>(
            "upstream[].clip_order.document", "?\"公安〔2026〕2号\"", any_name, "常设书面命令的文号：该平台调取录像不必逐次由小区批准",
            "A standing written order: clips that it asks for need no yes of the compound.", [](U & u) -> auto& { return u.clip_order.document; }),
        text<U>(
            "upstream[].clip_order.issuer", "?\"区公安分局\"", any_name, "发文机关", "Who issued it.",
            [](U & u) -> auto& { return u.clip_order.issuer; }),
        text<U>(
            "upstream[].clip_order.date", "?\"2026-01-01\"", date, "发文日期", "When.", [](U & u) -> auto& { return u.clip_order.date; }),
        text<U>(
            "upstream[].clip_order.end", "?\"2027-12-31\"", date, "有效的最后一天", "The last day on which it holds.",
            [](U & u) -> auto& { return u.clip_order.end; }),
        tables<U>(
            "upstream[].entitlement", 64, "该平台有权得到的内容，其余一律不出", "What it is entitled to; everything else stays",
            [](U & u) -> auto& { return u.entitlements; }),
        texts<E>(
            "upstream[].entitlement[].kinds", "![\"pass.*\"]", 128, kind_pattern, "记录种类", "Kinds of records.",
            [](E & e) -> auto& { return e.kinds; }),
        texts<E>(
            "upstream[].entitlement[].fields", "[\"*\"]", 128, field_name, "字段；* 为全部非个人字段", "Fields; *: all that are not personal.",
            [](E & e) -> auto& { return e.fields; }),
        truth<E>(
            "upstream[].entitlement[].subjects", "false", "是否包含对象（卡号、车牌、人员编号）",
            "Whether with the subject (card, plate, person's id).", [](E & e) -> auto& { return e.subjects; }),
        texts<E>(
            "upstream[].entitlement[].pictures", "[]", 3, picture_role, "图片种类：scene、face、plate", "Which pictures: scene, face, plate.",
            [](E & e) -> auto& { return e.pictures; }),
        text<E>(
            "upstream[].entitlement[].basis.document", "?\"公安〔2026〕1号\"", any_name, "依据文件的文号；无依据则个人信息不出",
            "The number of the document that it rests on; without one nothing personal leaves.", [](E & e) -> auto& { return e.basis.document; }),
        text<E>(
            "upstream[].entitlement[].basis.issuer", "?\"区公安分局\"", any_name, "发文机关", "Who issued it.",
            [](E & e) -> auto& { return e.basis.issuer; }),
        text<E>(
            "upstream[].entitlement[].basis.date", "?\"2026-01-01\"", date, "发文日期", "When.", [](E & e) -> auto& { return e.basis.date; }),
        text<E>(
            "upstream[].entitlement[].basis.end", "?\"2027-12-31\"", date, "有效的最后一天", "The last day on which it holds.",
            [](E & e) -> auto& { return e.basis.end; }),
        choice<E>(
            "upstream[].entitlement[].basis.sort", "?\"regulation\"", "none law regulation contract consent", "依据的性质",
            "What sort of basis it is.", [](E & e) -> auto& { return e.basis.sort; }),
    };
}

} // namespace

std::span<const Row> settings_rows() {
    static const std::vector<Row> rows = make_rows();
    return rows;
}

} // namespace gatehouse::config
