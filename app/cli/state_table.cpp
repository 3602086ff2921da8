#include "app/cli/state_table.h"

#include "core/trace/text.h"

#include <algorithm>

namespace sessionscope::cli {

namespace {

constexpr qsizetype labelWidth = 22;
constexpr qsizetype columnWidth = 38;
/// Rows of one list that a table shows.
constexpr qsizetype listLimit = 8;

QString fitted(const QString &text, qsizetype width)
{
    if (text.size() <= width)
        return text.leftJustified(width);
    return text.left(width - 1) + u'…';
}

/// Rows of two cells, where a cell may have several lines.
class Table
{
public:
    void add(const QString &label, const QStringList &left, const QStringList &right)
    {
        const qsizetype height = std::max({left.size(), right.size(), qsizetype(1)});
        for (qsizetype i = 0; i < height; ++i) {
            const QString line = fitted(i == 0 ? label : QString(), labelWidth) + u' ' +
                                 fitted(left.value(i), columnWidth) + u' ' + right.value(i);
            m_lines.append(line);
            while (m_lines.last().endsWith(u' '))
                m_lines.last().chop(1);
        }
    }
    void add(const QString &label, const QString &left, const QString &right)
    {
        add(label, QStringList{left}, QStringList{right});
    }
    QString text() const { return m_lines.join(u'\n'); }

private:
    QStringList m_lines;
};

QString connectionText(ClientConnection connection)
{
    switch (connection) {
    case ClientConnection::Closed:
        return QStringLiteral("no connection");
    case ClientConnection::Opening:
        return QStringLiteral("opening");
    case ClientConnection::AwaitConnack:
        return QStringLiteral("waiting for CONNACK");
    case ClientConnection::Connected:
        return QStringLiteral("connected");
    case ClientConnection::Closing:
        return QStringLiteral("closing");
    }
    return {};
}

QString secondsLeft(Instant deadline, Instant now)
{
    const auto left = std::chrono::ceil<std::chrono::seconds>(deadline - now).count();
    return secondsText(quint32(std::clamp<qint64>(left, 0, sessionNeverExpires - 1)));
}

QString expiryText(quint32 interval, const std::optional<Instant> &endsAt, Instant now)
{
    if (interval == sessionNeverExpires)
        return QStringLiteral("never");
    const QString text = interval == 0 ? QStringLiteral("0s: ends with the connection") : secondsText(interval);
    return endsAt ? text + QStringLiteral(", ends in ") + secondsLeft(*endsAt, now) : text;
}

template<class Row, class Say> QStringList list(const QList<Row> &rows, qsizetype total, Say say)
{
    QStringList lines;
    for (const Row &row : rows) {
        if (lines.size() == listLimit)
            break;
        lines.append(say(row));
    }
    if (lines.isEmpty())
        return {total ? QString::number(total) : QStringLiteral("none")};
    if (total > lines.size())
        lines.append(QStringLiteral("… %1 in all").arg(total));
    return lines;
}

QStringList exchanges(const QList<ExchangeView> &rows, qsizetype total)
{
    return list(rows, total, [](const ExchangeView &row) {
        return QStringLiteral("#%1 QoS %2 waits for %3%4 %5")
            .arg(row.packetId.value)
            .arg(quint8(row.qos))
            .arg(QString::fromLatin1(packetTypeName(row.waitsFor)),
                 row.resendPending ? QStringLiteral(" (to be resent)") : QString(), payloadText(row.topic));
    });
}

QStringList held(const QList<HeldView> &rows, qsizetype total)
{
    return list(rows, total, [](const HeldView &row) {
        return QStringLiteral("#%1 %2").arg(row.packetId.value).arg(payloadText(row.topic));
    });
}

QStringList heldAcks(const QList<HeldAckView> &rows, qsizetype total)
{
    return list(rows, total, [](const HeldAckView &row) {
        return QStringLiteral("%1 #%2").arg(QString::fromLatin1(packetTypeName(row.type))).arg(row.packetId.value);
    });
}

QStringList queued(const QList<QueuedView> &rows, qsizetype total)
{
    return list(rows, total, [](const QueuedView &row) {
        return QStringLiteral("QoS %1 %2, %3 bytes")
            .arg(quint8(row.qos))
            .arg(payloadText(row.topic))
            .arg(row.payloadSize);
    });
}

QStringList subscriptions(const QList<SubscriptionView> &rows, qsizetype total)
{
    return list(rows, total, [](const SubscriptionView &row) {
        QString line = QStringLiteral("%1 QoS %2").arg(payloadText(row.filter)).arg(quint8(row.options.maximumQos));
        if (row.identifier)
            line += QStringLiteral(", identifier %1").arg(*row.identifier);
        return line;
    });
}

QString flow(const FlowView &flow)
{
    return QStringLiteral("%1 of %2").arg(flow.sendQuota).arg(flow.sendMaximum);
}

QString willText(const std::optional<WillView> &will, Instant now)
{
    if (!will)
        return QStringLiteral("none");
    QString text = QStringLiteral("%1 QoS %2").arg(payloadText(will->topic)).arg(quint8(will->qos));
    if (will->delayInterval)
        text += QStringLiteral(", delay ") + secondsText(will->delayInterval);
    if (will->dueAt)
        text += QStringLiteral(", due in ") + secondsLeft(*will->dueAt, now);
    return text;
}

QString willText(const ClientView &client)
{
    if (!client.connect.will)
        return QStringLiteral("none");
    return QStringLiteral("%1 QoS %2")
        .arg(payloadText(client.connect.will->topic))
        .arg(quint8(client.connect.will->qos));
}

QString clientSession(const ClientView &client)
{
    if (!client.record)
        return QStringLiteral("none");
    if (client.record->resumedTimes == 0)
        return QStringLiteral("fresh");
    return QStringLiteral("resumed, %1×").arg(client.record->resumedTimes);
}

} // namespace

const ServerSessionView *sessionOf(const ClientView &client, const BrokerView &broker)
{
    const QByteArray &id = client.record ? client.record->clientId : client.connect.clientId;
    const auto found = std::find_if(broker.sessions.begin(), broker.sessions.end(),
                                    [&id](const ServerSessionView &session) { return session.clientId == id; });
    return found == broker.sessions.end() ? nullptr : &*found;
}

QString stateTable(const ClientView &client, const ServerSessionView *server, OtherEnd otherEnd, Instant now)
{
    const auto right = [&](const auto &say) -> QStringList {
        if (server)
            return QStringList(say(*server));
        return {};
    };
    using Server = ServerSessionView;
    const QByteArray &id = client.record ? client.record->clientId : client.connect.clientId;
    Table table;
    table.add(QString(), QStringLiteral("CLIENT %1").arg(payloadText(id)), QStringLiteral("BROKER ") + client.broker);
    QString session = QStringLiteral("not visible from here");
    if (server)
        session = server->connected ? QStringLiteral("in use") : QStringLiteral("kept without a connection");
    else if (otherEnd == OtherEnd::Visible)
        session = QStringLiteral("none");
    table.add(QStringLiteral("connection"), {connectionText(client.connection)}, right([](const Server &s) {
                  return QStringList{s.connected ? QStringLiteral("connected") : QStringLiteral("no connection")};
              }));
    table.add(QStringLiteral("session"), clientSession(client), session);
    table.add(
        QStringLiteral("session expiry"),
        {client.record ? expiryText(client.record->sessionExpiryInterval, client.record->endsAt, now) : QString()},
        right([now](const Server &s) { return QStringList{expiryText(s.sessionExpiryInterval, s.endsAt, now)}; }));
    table.add(QStringLiteral("subscriptions"), subscriptions(client.subscriptions, client.subscriptions.size()),
              right([](const Server &s) { return subscriptions(s.subscriptions, s.subscriptionsTotal); }));
    table.add(QStringLiteral("sent, open"), exchanges(client.sent, client.sentTotal),
              right([](const Server &s) { return exchanges(s.sent, s.sentTotal); }));
    table.add(QStringLiteral("received QoS 2, open"), held(client.held, client.heldTotal),
              right([](const Server &s) { return held(s.held, s.heldTotal); }));
    if (client.heldAcksTotal > 0)
        table.add(QStringLiteral("held back"), heldAcks(client.heldAcks, client.heldAcksTotal), {});
    table.add(QStringLiteral("waiting to be sent"), queued(client.neverSent, client.neverSentTotal),
              right([](const Server &s) { return queued(s.queued, s.queuedTotal); }));
    table.add(QStringLiteral("will"), {willText(client)},
              right([now](const Server &s) { return QStringList{willText(s.will, now)}; }));
    table.add(QStringLiteral("send quota"), {flow(client.flow)},
              right([](const Server &s) { return QStringList{flow(s.flow)}; }));
    return table.text();
}

} // namespace sessionscope::cli
