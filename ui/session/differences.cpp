#include "ui/session/differences.h"

#include "ui/common/words.h"

#include <QCoreApplication>

#include <map>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Differences)
};

/// What both ends say about one id: what its sender waits for, and whether its receiver holds it.
struct BothEnds
{
    std::optional<PacketType> waitsFor;
    bool held = false;
};
using ById = std::map<PacketId, BothEnds>;

ById pairUp(const QList<ExchangeView> &sent, const QList<HeldView> &held)
{
    ById ids;
    for (const ExchangeView &exchange : sent) {
        if (exchange.qos == Qos::ExactlyOnce)
            ids[exchange.packetId].waitsFor = exchange.waitsFor;
    }
    for (const HeldView &entry : held)
        ids[entry.packetId].held = true;
    return ids;
}

QString describe(const BothEnds &ends, const QString &sender, const QString &receiver)
{
    if (!ends.waitsFor)
        return Words::tr("%1 holds it and waits for PUBREL; %2 no longer knows it.").arg(receiver, sender);
    if (*ends.waitsFor == PacketType::Pubrec && ends.held)
        return Words::tr("%1 has it and sent PUBREC; %2 still waits for it and will repeat PUBLISH with DUP 1 when the "
                         "session resumes.")
            .arg(receiver, sender);
    if (*ends.waitsFor == PacketType::Pubrec)
        return Words::tr("%1 sent it; %2 does not have it yet.").arg(sender, receiver);
    return Words::tr("%1 has released it; %2 still waits for PUBCOMP and will repeat PUBREL when the session resumes.")
        .arg(receiver, sender);
}

/// Both ends agree when the receiver holds what the sender is about to release.
bool agree(const BothEnds &ends)
{
    return ends.waitsFor == PacketType::Pubcomp && ends.held;
}

QString withCapital(QString text)
{
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    return text;
}

/// Of a list that was cut, absence proves nothing.
template<class Row> bool isWhole(const QList<Row> &rows, qsizetype total)
{
    return rows.size() >= total;
}

void compareIds(const ById &ids, IdSpace space, const QString &sender, const QString &receiver, QList<Difference> &out)
{
    for (const auto &[id, ends] : ids) {
        if (!agree(ends))
            out.append({space, id, withCapital(describe(ends, sender, receiver))});
    }
}

void compareSubscriptions(const ClientView &client, const ServerSessionView &session, QList<Difference> &out)
{
    if (!isWhole(session.subscriptions, session.subscriptionsTotal))
        return;
    QSet<QByteArray> there;
    for (const SubscriptionView &subscription : session.subscriptions)
        there.insert(subscription.filter);
    for (const SubscriptionView &subscription : client.subscriptions) {
        if (!there.remove(subscription.filter))
            out.append({IdSpace::None,
                        {},
                        Words::tr("The client counts on the subscription \u201c%1\u201d; the broker "
                                  "does not have it.")
                            .arg(words::text(subscription.filter))});
    }
    for (const QByteArray &filter : std::as_const(there)) {
        out.append({IdSpace::None,
                    {},
                    Words::tr("The broker still has the subscription \u201c%1\u201d; the client does "
                              "not know of it.")
                        .arg(words::text(filter))});
    }
}

} // namespace

QList<Difference> differences(const ClientView &client, const ServerSessionView *session)
{
    QList<Difference> out;
    if (!client.record && !session)
        return out;
    if (client.record && !session) {
        out.append({IdSpace::None,
                    {},
                    Words::tr("The client remembers a session that the broker does not have: the next "
                              "CONNECT gets Session Present 0.")});
        return out;
    }
    if (!client.record) {
        out.append({IdSpace::None,
                    {},
                    Words::tr("The broker keeps a session that the client does not know: its next "
                              "CONNECT starts a new one.")});
        return out;
    }
    const QString us = Words::tr("the client");
    const QString broker = Words::tr("the broker");
    if (isWhole(client.sent, client.sentTotal) && isWhole(session->held, session->heldTotal))
        compareIds(pairUp(client.sent, session->held), IdSpace::ClientSends, us, broker, out);
    if (isWhole(session->sent, session->sentTotal) && isWhole(client.held, client.heldTotal))
        compareIds(pairUp(session->sent, client.held), IdSpace::BrokerSends, broker, us, out);
    compareSubscriptions(client, *session, out);
    return out;
}

QSet<PacketId> differingIds(const QList<Difference> &all, IdSpace space)
{
    QSet<PacketId> ids;
    for (const Difference &difference : all) {
        if (difference.space == space && difference.packetId.value)
            ids.insert(difference.packetId);
    }
    return ids;
}

} // namespace sessionscope
