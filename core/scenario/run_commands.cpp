#include "core/scenario/run_commands.h"

namespace sessionscope {

BrokerConfig configOf(const Scenario &scenario, const RunOptions &options)
{
    BrokerConfig config = scenario.config;
    config.seed = options.seed;
    return config;
}

std::vector<LabCommand> openingCommands(const Scenario &scenario, const RunOptions &options, const Endpoint &broker)
{
    std::vector<LabCommand> commands{ConfigureBroker{configOf(scenario, options)}};
    for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
        const ScenarioClient &client = scenario.clients[i];
        ClientPolicy policy = client.policy;
        policy.reconnect.seed = options.seed + i;
        commands.push_back(AddClient{ClientKey{quint32(i + 1)}, client.name, client.broker.value_or(broker), policy});
    }
    return commands;
}

LabCommand withSecret(LabCommand command, const Scenario &scenario, const RunOptions &options)
{
    auto *done = std::get_if<ClientDo>(&command);
    auto *connect = done ? std::get_if<ConnectCommand>(&done->command) : nullptr;
    if (!connect)
        return command;
    SecretReference from = scenario.clients.at(done->key.value - 1).passwordFrom;
    if (scenario.login && from.isNone() && !connect->packet.userName) {
        connect->packet.userName = scenario.login->userName;
        from = scenario.login->passwordFrom;
    }
    const auto secret = options.secrets.find(from);
    if (secret != options.secrets.end())
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
               !std::holds_alternative<DelayFault>(armed->fault.kind);
    if (const auto *done = std::get_if<ClientDo>(&command)) {
        const auto *release = std::get_if<ReleaseAcknowledgements>(&done->command);
        return release && release->order == ReleaseOrder::AtOnce;
    }
    return std::holds_alternative<SendRaw>(command);
}

} // namespace sessionscope
