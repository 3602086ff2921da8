// Commands in words. A CONNECT's password and authentication data never appear.
#include "core/lab/lab.h"
#include "core/trace/text.h"

#include <QStringBuilder>

namespace sessionscope {

namespace {

QString text(const ConnectCommand &command)
{
    return packetText(Packet{command.packet, {}}, Version(command.packet.protocolLevel));
}

QString text(const ReconnectCommand &)
{
    return QStringLiteral("reconnect");
}

QString text(const PublishCommand &command)
{
    const Message &message = command.message;
    // Of all commands the one that comes by the hundred thousand.
    return QLatin1StringView("publish ") % payloadText(message.topic) % QLatin1StringView(" QoS ") %
           QChar(u'0' + quint8(message.qos)) % QLatin1StringView(message.retain ? " RETAIN: " : ": ") %
           payloadText(message.payload);
}

QString text(const SubscribeCommand &command)
{
    QString line = QStringLiteral("subscribe");
    for (const auto &entry : command.entries)
        line += QStringLiteral(" %1 QoS %2").arg(payloadText(entry.filter)).arg(quint8(entry.options.maximumQos));
    return line;
}

QString text(const UnsubscribeCommand &command)
{
    QString line = QStringLiteral("unsubscribe");
    for (const auto &filter : command.filters)
        line += u' ' + payloadText(filter);
    return line;
}

QString text(const DisconnectCommand &command)
{
    QString line = QStringLiteral("disconnect ") + reasonText(command.reason, PacketType::Disconnect);
    if (command.sessionExpiryInterval)
        line += QStringLiteral(", Session Expiry Interval ") + secondsText(*command.sessionExpiryInterval);
    return line + propertiesText(command.properties);
}

QString text(const PingCommand &)
{
    return QStringLiteral("ping");
}

QString text(const ForgetCommand &)
{
    return QStringLiteral("forget the session");
}

QString text(const AuthenticateCommand &command)
{
    return packetText(Packet{command.packet, {}}, Version::V5);
}

QString text(const ReauthenticateCommand &)
{
    return QStringLiteral("authenticate again");
}

QString text(const TrustServer &)
{
    return QStringLiteral("trust the server");
}

QString text(const AbandonAuthentication &command)
{
    return QStringLiteral("give up the authentication: ") + payloadText(command.why);
}

QString text(const HoldAcknowledgements &command)
{
    if (command.types.empty())
        return QStringLiteral("hold no acknowledgements");
    QString line = QStringLiteral("hold");
    for (const PacketType type : command.types)
        line += u' ' + QString::fromLatin1(packetTypeName(type));
    return line;
}

QString text(const ReleaseAcknowledgements &command)
{
    const QString which = command.packetId ? QStringLiteral("the acknowledgement of #%1").arg(command.packetId->value)
                                           : QStringLiteral("all acknowledgements");
    return QStringLiteral("release ") + which +
           (command.order == ReleaseOrder::AtOnce ? QStringLiteral(" at once") : QString());
}

QString text(const RequestCommand &command)
{
    return QStringLiteral("request %1: %2")
        .arg(payloadText(command.message.topic), payloadText(command.message.payload));
}

QString text(const RespondCommand &command)
{
    return QStringLiteral("respond: ") + payloadText(command.payload);
}

QString text(const KickClient &command)
{
    return QStringLiteral("kick %1: %2")
        .arg(payloadText(command.clientId), reasonText(command.reason, PacketType::Disconnect));
}

QString text(const EndSession &command)
{
    return QStringLiteral("end the session of %1").arg(payloadText(command.clientId));
}

QString text(const ChangeAccess &)
{
    return QStringLiteral("change who may connect, and what they may do");
}

QString text(const StoreChanged &command)
{
    return command.state == StoreState::Failing ? QStringLiteral("the store takes no writes")
                                                : QStringLiteral("the store takes writes");
}

QString text(const ShutDown &)
{
    return QStringLiteral("shut down");
}

QString text(const AddClient &command)
{
    return QStringLiteral("add client %1 for %2").arg(payloadText(command.name), toUrl(command.broker));
}

QString text(const ConfigureClient &)
{
    return QStringLiteral("configure the client");
}

QString text(const RemoveClient &)
{
    return QStringLiteral("remove client");
}

QString text(const ClientDo &command)
{
    return std::visit([](const auto &one) { return text(one); }, command.command);
}

QString text(const CutLink &command)
{
    return QStringLiteral("cut, ") + closeText(command.how);
}

QString text(const ArmFault &command)
{
    return QStringLiteral("arm a fault: ") + faultText(command.fault);
}

QString text(const DisarmFaults &)
{
    return QStringLiteral("disarm the faults");
}

QString text(const SilenceLink &command)
{
    if (command.lasts == Duration{})
        return QStringLiteral("end the ") + silenceText(command.which, {});
    return silenceText(command.which, command.lasts);
}

QString text(const ThrottleLink &command)
{
    return throttleText({command.bytesPerSecond, command.which, command.lasts});
}

QString text(const HoldReceived &command)
{
    return text(HoldAcknowledgements{command.types}) + QStringLiteral(", of what is received");
}

QString text(const ReleaseReceived &command)
{
    return text(command.which) + QStringLiteral(", of what is received");
}

// What the bytes say is left to whoever can read them as packets: there may be a password among them.
QString text(const SendRaw &command)
{
    return QStringLiteral("send %1 raw bytes").arg(command.bytes.size());
}

QString text(const RestartBroker &command)
{
    const char *const ways[] = {"restart the broker", "crash the broker", "crash the broker, its store is lost"};
    return QString::fromLatin1(ways[quint8(command.how)]);
}

QString text(const ConfigureBroker &)
{
    return QStringLiteral("configure the broker");
}

QString text(const MisbehaveBroker &command)
{
    const QString towards =
        command.clientId.isEmpty() ? QString() : QStringLiteral(" towards ") + payloadText(command.clientId);
    return QStringLiteral("misbehave") + towards + QStringLiteral(": ") + waysText(command.ways);
}

QString text(const MisbehaveClient &command)
{
    return QStringLiteral("misbehave: ") + waysText(command.ways);
}

QString text(const BrokerDo &command)
{
    return std::visit([](const auto &one) { return text(one); }, command.command);
}

} // namespace

QString commandText(const LabCommand &command)
{
    return std::visit([](const auto &one) { return text(one); }, command);
}

} // namespace sessionscope
