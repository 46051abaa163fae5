// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/causes.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::console::inside {

namespace {

constexpr std::array device_causes{
    Cause{"account locked", "device.locked", "设备因多次输错密码锁定了该账号：等锁定时间过后，用 gatehousectl device add 重新登记正确的密码",
          "the device has locked the account after wrong passwords: wait until the lock ends, then register it again with the right one"},
    Cause{"certificate", "device.certificate", "设备证书与登记的指纹不符：若刚更换或重置设备，请核对后更新 pinned_sha256；否则可能有人冒充该设备",
          "the device's certificate is not the pinned one: if it was replaced or reset, check it and update pinned_sha256; else somebody may "
          "stand in its place"},
    Cause{"tls with", "device.no_tls", "该端口不支持 HTTPS：核对端口，或取消登记中的 tls",
          "that port does not speak HTTPS: check the port, or take tls out"},
    Cause{"user name or password refused", "device.refused", "设备拒绝了用户名或密码：核对登记的账号；多次错误会锁定设备",
          "the device refused user name or password: check the registered account; further tries may lock the device"},
    Cause{"another controller", "device.other_device", "该地址上是另一台控制器：核对控制器上印的序列号和登记的地址，或有两台设备地址相同",
          "another controller stands at this address: check the number printed on it and the registered address, or two devices have one address"},
    Cause{"does not speak this protocol", "device.other_protocol", "该地址上的设备不使用此协议：核对地址、型号和 driver",
          "what answers there does not speak this protocol: check address, model and driver"},
    Cause{"connection refused", "device.port_closed", "地址有应答但端口关闭：核对端口，并在设备上启用该服务",
          "the address answers but the port is closed: check the port and that the service is switched on"},
    Cause{"network interface", "device.no_interface", "本机没有登记的这块网卡，或无权使用：核对设备登记的 interface（ip link）",
          "this machine has no such network interface, or we may not use it: check the device's interface (ip link)"},
    Cause{"network is unreachable", "device.no_route", "本机没有通往该网段的路由：核对设备网网卡的地址和掩码（ip address）",
          "no route leads to that network: check address and mask of the interface in the device network (ip address)"},
    Cause{"looking up", "device.no_name", "域名解析失败：改用 IP 地址登记，或检查 DNS",
          "its name could not be looked up: register its IP address, or check DNS"},
    Cause{"", "device.no_answer", "无应答：检查设备电源、网线、交换机端口，以及 IP 地址是否改变",
          "nobody answers: check power, network cable, switch port, and whether its IP address changed"},
};

constexpr std::array device_complaints{
    Cause{"another program's", "device.push_taken", "设备的事件推送已指向别的程序，事件改为轮询读取：在设备上释放推送位置，或停用那个程序",
          "its events are pushed to another program and read by polling instead: free its push slot, or stop that program"},
    Cause{"point elsewhere", "device.push_taken", "设备的推送位置已全部被占用，事件改为轮询读取：在设备上释放一个",
          "all its push slots point elsewhere and events are read by polling instead: free one on the device"},
    Cause{"cannot be stored", "device.not_stored", "设备的事件暂时无法存入磁盘：见磁盘一项", "its events cannot be stored: see the disk"},
    Cause{"", "device.degraded", "在线，但工作不正常：按括号中的原因处理", "online, but not as it should be: see to the cause in brackets"},
};

constexpr std::array upstream_causes{
    Cause{"network interface", "upstream.no_interface", "本机没有设置中的这块网卡，或无权使用：核对 upstream.interface（ip link）",
          "this machine has no such network interface, or we may not use it: check upstream.interface (ip link)"},
    Cause{"looking up", "upstream.no_name", "平台域名解析失败：检查 DNS，或在 broker 中改用 IP 地址",
          "the platform's name could not be looked up: check DNS, or write its IP address into broker"},
    Cause{"connection refused", "upstream.port_closed", "平台地址有应答但端口关闭：核对 broker 的端口，或请平台方启动服务",
          "the platform's address answers but the port is closed: check the port in broker, or ask the platform to start its service"},
    Cause{"network is unreachable", "upstream.no_route", "本机没有通往平台的路由：检查专网网卡的地址和网关（ip route）",
          "no route leads to the platform: check address and gateway of the interface in its network (ip route)"},
    Cause{"does not acknowledge", "upstream.silent", "平台的 MQTT 服务器收下消息却不确认：请平台方检查其服务器",
          "the platform's broker takes messages and does not acknowledge them: ask the platform to look at it"},
    Cause{"tcp connect completion failure", "upstream.no_broker",
          "平台地址有应答，但不是 MQTT 服务器，或立即断开：核对 broker 的地址、端口和 mqtt/mqtts",
          "something answers at the platform's address and is no MQTT broker, or hung up at once: check address, port and mqtt or mqtts in broker"},
    Cause{"", "upstream.offline", "连不上平台：检查网线、专网和平台地址", "no contact: check cable, network and the platform's address"},
};

constexpr std::array upstream_refusals{
    Cause{"retain", "upstream.no_retain", "平台的 MQTT 服务器不保存保留消息：请平台方启用 retain",
          "the platform's broker keeps no retained messages: ask the platform to switch retain on"},
    Cause{"name or password", "upstream.password", "平台拒绝了用户名或密码：核对 username 和 password_credential，或请平台方重置",
          "the platform refused user name or password: check username and password_credential, or have them reset"},
    Cause{"tls", "upstream.certificate", "与平台的证书校验未通过：核对 ca_file、本网关证书（有效期、签发机构）和平台域名",
          "certificates do not agree: check ca_file, our certificate (validity, authority) and the platform's name"},
    Cause{"certificate", "upstream.certificate", "与平台的证书校验未通过：核对 ca_file、本网关证书（有效期、签发机构）和平台域名",
          "certificates do not agree: check ca_file, our certificate (validity, authority) and the platform's name"},
    Cause{"subscribing", "upstream.not_authorised", "平台不允许我们订阅自己的主题：请平台方为本网关开放 root 下的主题",
          "the platform does not let us subscribe to our own topics: ask it to allow this gateway what is below root"},
    Cause{"refuses our status", "upstream.not_authorised", "平台不允许我们向自己的主题发布：请平台方为本网关开放 root 下的主题",
          "the platform does not let us publish to our own topics: ask it to allow this gateway what is below root"},
    Cause{"not authorised", "upstream.not_authorised", "平台没有授权本网关：请平台方登记本网关的客户端标识和权限",
          "the platform has not authorised this gateway: ask it to register our client id and rights"},
    Cause{"", "upstream.refused", "平台拒绝连接：核对证书（有效期、签发机构、名称）、用户名和密码",
          "the platform turns us away: check certificate (validity, authority, name), user name and password"},
};

constexpr std::array upstream_complaints{
    Cause{"reason 135", "upstream.not_authorised", "平台不允许我们向这些主题发布：请平台方为本网关开放 root 下的主题",
          "the platform does not let us publish to our topics: ask it to allow this gateway what is below root"},
    Cause{"", "upstream.message_refused", "平台的 MQTT 服务器拒收一条消息：请平台方查看其日志中的原因",
          "the platform's broker refuses a message: ask the platform to look up why in its log"},
};

template <std::size_t rows>
const Cause& first_fitting(const std::array<Cause, rows>& causes, const std::string& fault) {
    const auto words = lower(fault);
    return *std::find_if(causes.begin(), causes.end(), [&](const Cause& cause) { return words.find(cause.words) != std::string::npos; });
}

template <std::size_t rows>
constexpr bool fits_all(const std::array<Cause, rows>& causes) {
    return causes.back().words.empty();
}
static_assert(fits_all(device_causes) && fits_all(device_complaints));
static_assert(fits_all(upstream_causes) && fits_all(upstream_refusals) && fits_all(upstream_complaints));

} // namespace

const Cause& device_cause(const std::string& fault) { return first_fitting(device_causes, fault); }
const Cause& device_complaint(const std::string& fault) { return first_fitting(device_complaints, fault); }
const Cause& upstream_cause(const std::string& fault) { return first_fitting(upstream_causes, fault); }
const Cause& upstream_refusal(const std::string& fault) { return first_fitting(upstream_refusals, fault); }
const Cause& upstream_complaint(const std::string& fault) { return first_fitting(upstream_complaints, fault); }

} // namespace gatehouse::console::inside
