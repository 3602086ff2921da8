#include "app/cli/reporter.h"

#include "app/cli/console.h"
#include "app/cli/state_table.h"

#include "core/trace/json.h"
#include "core/trace/text.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace sessionscope::cli {

namespace {

/// Characters of a payload that a message line shows.
constexpr qsizetype messageTextLimit = 4096;

QJsonObject withKind(QJsonObject object, const char *kind, Instant at)
{
    object.insert(QStringLiteral("kind"), QString::fromLatin1(kind));
    object.insert(QStringLiteral("at"), std::chrono::duration<double>(at.time_since_epoch()).count());
    return object;
}

} // namespace

void Reporter::record(const TraceRecord &original, const QString &who)
{
    const TraceRecord record = m_masker.safe(original);
    if (m_showPackets) {
        if (m_format == Format::Json)
            print(toJson(record, who));
        else
            print(recordText(record, who));
    }
    if (record.role != Role::Client)
        return;
    if (const auto *trace = std::get_if<PacketTrace>(&record.what);
        trace && trace->direction == Direction::Received && !trace->malformed) {
        const auto packet = decode(trace->frame(), trace->version);
        if (const auto *accepted = packet ? packet->as<ConnackPacket>() : nullptr)
            connack(*accepted, trace->version, record.at);
    }
    if (const auto *report = std::get_if<ClientNote>(&record.what)) {
        if (const auto *delivered = std::get_if<MessageDelivered>(&report->effect))
            message(delivered->publish, record.at);
    }
}

void Reporter::connack(const ConnackPacket &connack, Version version, Instant at) const
{
    if (m_format == Format::Json)
        print(withKind(toJson(Packet{connack, {}}, version), "connack", at));
    else
        print(packetText(Packet{connack, {}}, version));
}

void Reporter::message(const PublishPacket &publish, Instant at) const
{
    if (m_format == Format::Json)
        return print(withKind(toJson(Packet{publish, {}}, Version::V5), "message", at));
    QString line = QStringLiteral("message %1 QoS %2").arg(payloadText(publish.topic, 1024)).arg(quint8(publish.qos));
    if (publish.dup)
        line += QStringLiteral(" DUP");
    if (publish.retain)
        line += QStringLiteral(" RETAIN");
    print(line + QStringLiteral(": ") + payloadText(publish.payload, messageTextLimit));
}

void Reporter::state(const LabView &view, bool isBrokerVisible) const
{
    for (const ClientView &client : view.clients) {
        const ServerSessionView *server = isBrokerVisible ? sessionOf(client, view.broker) : nullptr;
        if (m_format == Format::Text) {
            print(stateTable(client, server, isBrokerVisible ? OtherEnd::Visible : OtherEnd::Invisible, view.at));
            continue;
        }
        QJsonObject object{{QStringLiteral("client"), toJson(client, view.at)},
                           {QStringLiteral("broker_visible"), isBrokerVisible},
                           {QStringLiteral("server_session"), QJsonValue::Null}};
        if (server)
            object.insert(QStringLiteral("server_session"), toJson(*server, view.at));
        print(withKind(object, "state", view.at));
    }
}

void Reporter::note(const QString &text) const
{
    printNote(m_masker.safe(text));
}

void Reporter::print(const QString &text) const
{
    printResult(m_masker.safe(text));
}

void Reporter::print(const QJsonObject &object) const
{
    const auto change = [this](const QString &text) { return m_masker.safe(text); };
    const QJsonObject safe = m_masker.hasLeak() ? withTexts(object, change).toObject() : object;
    printResult(QString::fromUtf8(QJsonDocument(safe).toJson(QJsonDocument::Compact)));
}

} // namespace sessionscope::cli
