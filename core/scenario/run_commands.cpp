#include "core/scenario/run_commands.h"

#include "core/mqtt/topic.h"

namespace sessionscope {

namespace {

/// What no client may send, and a step can: v5 §3.14.2.1, §3.14.2.2.5, §3.1.2.11.10 and
/// MQTT-3.3.2-2.
bool isIllegal(const ClientCommand &command)
{
    if (const auto *leave = std::get_if<DisconnectCommand>(&command))
        return !isListed(leave->reason, PacketType::Disconnect, Sender::Client) ||
               leave->properties.contains(PropertyId::ServerReference);
    if (const auto *publish = std::get_if<PublishCommand>(&command))
        return !isTopicName(publish->message.topic);
    if (const auto *request = std::get_if<RequestCommand>(&command))
        return !isTopicName(request->message.topic);
    const auto *connect = std::get_if<ConnectCommand>(&command);
    return connect && connect->packet.properties.contains(PropertyId::AuthenticationData) &&
           !connect->packet.properties.contains(PropertyId::AuthenticationMethod);
}

/// Where users prove their names nobody else is believed to have one.
BrokerAccess accessOf(const std::vector<ScenarioMethod> &methods, const RunOptions &options)
{
    BrokerAccess access;
    for (const ScenarioMethod &method : methods) {
        if (!method.users) {
            access.authentications.emplace(method.name, scriptedMethod(method.script));
            continue;
        }
        access.accounts.emplace();
        std::map<QByteArray, QByteArray> passwords;
        for (const auto &[userName, from] : *method.users) {
            if (const auto secret = options.secrets.find(from); secret != options.secrets.end())
                passwords.emplace(userName, secret->second);
        }
        if (auto made = options.makePasswordMethod ? options.makePasswordMethod(method.name, passwords) : nullptr)
            access.authentications.emplace(method.name, std::move(made));
    }
    return access;
}

} // namespace

quint64 seedOf(const Scenario &scenario, const RunOptions &options)
{
    return options.seed.value_or(scenario.seed.value_or(1));
}

BrokerConfig configOf(const Scenario &scenario, const RunOptions &options)
{
    BrokerConfig config = scenario.config;
    config.seed = seedOf(scenario, options);
    return config;
}

std::vector<LabCommand> openingCommands(const Scenario &scenario, const RunOptions &options, const Endpoint &broker)
{
    std::vector<LabCommand> commands{ConfigureBroker{configOf(scenario, options)}};
    if (!scenario.methods.empty())
        commands.push_back(BrokerDo{ChangeAccess{accessOf(scenario.methods, options)}});
    for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
        const ScenarioClient &client = scenario.clients[i];
        ClientPolicy policy = client.policy;
        policy.reconnect.seed = seedOf(scenario, options) + i;
        AddClient add{ClientKey{quint32(i + 1)}, client.name, client.endpoint(broker), policy};
        add.authentication = client.authentication;
        if (const auto secret = options.secrets.find(client.passwordFrom);
            client.provesPassword() && secret != options.secrets.end())
            add.authentication->password = secret->second;
        commands.push_back(std::move(add));
    }
    return commands;
}

std::vector<std::pair<SecretReference, QString>> secretsOf(const Scenario &scenario)
{
    std::vector<std::pair<SecretReference, QString>> secrets;
    const auto add = [&secrets](const SecretReference &from, const QString &whose) {
        if (!from.isNone())
            secrets.emplace_back(from, whose);
    };
    if (scenario.login)
        add(scenario.login->passwordFrom, QStringLiteral("the broker's clients"));
    for (const ScenarioMethod &method : scenario.methods) {
        if (method.users) {
            for (const auto &[userName, from] : *method.users)
                add(from, QString::fromUtf8(userName));
        }
    }
    for (const ScenarioClient &client : scenario.clients)
        add(client.passwordFrom, QString::fromUtf8(client.name));
    for (const Steps *steps : {&scenario.control, &scenario.steps, &scenario.finally}) {
        forEachStep(*steps, [&add](const Step &step) {
            if (const auto *one = std::get_if<CommandAction>(&step.action))
                add(one->passwordFrom, step.text);
        });
    }
    return secrets;
}

LabCommand completed(LabCommand command, const Scenario &scenario, const RunOptions &options, const Lab &lab,
                     const SecretReference &own)
{
    auto *done = std::get_if<ClientDo>(&command);
    if (done && std::holds_alternative<ReconnectCommand>(done->command)) {
        const auto client = lab.clients.find(done->key);
        // Before its first connection a client's session does not know yet who it is.
        if (client != lab.clients.end() && client->second.session.connect == ConnectPacket() &&
            !client->second.session.connack) {
            ConnectPacket first = scenario.clients.at(done->key.value - 1).connect;
            first.cleanStart = false;
            done->command = ConnectCommand{std::move(first)};
        }
    }
    auto *connect = done ? std::get_if<ConnectCommand>(&done->command) : nullptr;
    if (!connect)
        return command;
    const ScenarioClient &client = scenario.clients.at(done->key.value - 1);
    SecretReference from = own.isNone() ? client.passwordFrom : own;
    if (scenario.login && from.isNone() && !connect->packet.userName && !client.authentication) {
        connect->packet.userName = scenario.login->userName;
        from = scenario.login->passwordFrom;
    }
    const auto secret = options.secrets.find(from);
    // An authentication method proves the password and does not send it.
    if ((!client.provesPassword() || !own.isNone()) && secret != options.secrets.end())
        connect->packet.password = secret->second;
    return command;
}

ClientKey clientOf(const LabCommand &command)
{
    return std::visit(
        [](const auto &one) {
            if constexpr (requires { one.key; })
                return one.key;
            else
                return ClientKey{};
        },
        command);
}

PublishCommand numberedPublish(const Message &message, quint32 number)
{
    PublishCommand command{message};
    for (QByteArray *text : {&command.message.topic, &command.message.payload})
        text->replace("{n}", QByteArray::number(number));
    return command;
}

bool tampers(const LabCommand &command)
{
    if (const auto *armed = std::get_if<ArmFault>(&command))
        return !std::holds_alternative<CutFault>(armed->fault.kind) &&
               !std::holds_alternative<SilenceFault>(armed->fault.kind) &&
               !std::holds_alternative<DelayFault>(armed->fault.kind) &&
               !std::holds_alternative<ThrottleFault>(armed->fault.kind);
    if (const auto *received = std::get_if<ReleaseReceived>(&command))
        return received->which.order == ReleaseOrder::AtOnce;
    if (const auto *done = std::get_if<ClientDo>(&command)) {
        const auto *release = std::get_if<ReleaseAcknowledgements>(&done->command);
        return isIllegal(done->command) || (release && release->order == ReleaseOrder::AtOnce);
    }
    return std::holds_alternative<SendRaw>(command);
}

} // namespace sessionscope
