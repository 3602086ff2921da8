#include "ui/session/state_models.h"

#include "ui/common/words.h"

#include <QCoreApplication>

namespace sessionscope {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(StateModels)
};

QString waitsFor(const ExchangeView &row)
{
    const QString packet = words::packet(row.waitsFor);
    return row.resendPending ? Words::tr("%1 (resend due)").arg(packet) : packet;
}

QString expires(const QueuedView &row, Instant now)
{
    return row.expiresAt ? Words::tr("in %1").arg(words::span(*row.expiresAt - now)) : Words::tr("no expiry");
}

} // namespace

ExchangeModel *exchangeModel(QObject *parent)
{
    using Row = ExchangeView;
    return new ExchangeModel(
        {{Words::tr("Id"), [](const Row &row, Instant) { return QString::number(row.packetId.value); },
          CellStyle::Mono},
         {Words::tr("QoS"), [](const Row &row, Instant) { return QString::number(int(row.qos)); }},
         {Words::tr("Waits for"), [](const Row &row, Instant) { return waitsFor(row); }, CellStyle::Mono},
         {Words::tr("Topic"), [](const Row &row, Instant) { return words::text(row.topic); }},
         {Words::tr("Age"), [](const Row &row, Instant now) { return words::span(now - row.since); }, CellStyle::Mono,
          Ageing::Yes}},
        [](const Row &a, const Row &b) { return a.packetId == b.packetId && a.since == b.since; }, parent);
}

HeldModel *heldModel(QObject *parent)
{
    using Row = HeldView;
    return new HeldModel(
        {{Words::tr("Id"), [](const Row &row, Instant) { return QString::number(row.packetId.value); },
          CellStyle::Mono},
         {Words::tr("State"), [](const Row &, Instant) { return Words::tr("PUBREC sent"); }, CellStyle::Mono},
         {Words::tr("Topic"), [](const Row &row, Instant) { return words::text(row.topic); }},
         {Words::tr("Age"), [](const Row &row, Instant now) { return words::span(now - row.since); }, CellStyle::Mono,
          Ageing::Yes}},
        [](const Row &a, const Row &b) { return a.packetId == b.packetId && a.since == b.since; }, parent);
}

HeldAckModel *heldAckModel(QObject *parent)
{
    using Row = HeldAckView;
    return new HeldAckModel(
        {{Words::tr("Id"), [](const Row &row, Instant) { return QString::number(row.packetId.value); },
          CellStyle::Mono},
         {Words::tr("Packet"), [](const Row &row, Instant) { return words::packet(row.type); }, CellStyle::Mono},
         {Words::tr("State"),
          [](const Row &row, Instant) { return row.released ? Words::tr("behind another") : Words::tr("held"); }},
         {Words::tr("Age"), [](const Row &row, Instant now) { return words::span(now - row.since); }, CellStyle::Mono,
          Ageing::Yes}},
        [](const Row &a, const Row &b) { return a.packetId == b.packetId && a.type == b.type && a.since == b.since; },
        parent);
}

QueuedModel *queuedModel(QObject *parent)
{
    using Row = QueuedView;
    return new QueuedModel(
        {{Words::tr("Topic"), [](const Row &row, Instant) { return words::text(row.topic); }},
         {Words::tr("QoS"), [](const Row &row, Instant) { return QString::number(int(row.qos)); }},
         {Words::tr("Bytes"), [](const Row &row, Instant) { return QString::number(row.payloadSize); },
          CellStyle::Mono},
         {Words::tr("Expires"), [](const Row &row, Instant now) { return expires(row, now); }, CellStyle::Dim,
          Ageing::Yes}},
        [](const Row &a, const Row &b) { return a == b; }, parent);
}

SubscriptionModel *subscriptionModel(QObject *parent)
{
    using Row = SubscriptionView;
    return new SubscriptionModel(
        {{Words::tr("Filter"), [](const Row &row, Instant) { return words::text(row.filter); }},
         {Words::tr("QoS"), [](const Row &row, Instant) { return QString::number(int(row.options.maximumQos)); }},
         {Words::tr("Id"),
          [](const Row &row, Instant) {
              return row.identifier ? QString::number(*row.identifier) : QStringLiteral("\u2013");
          },
          CellStyle::Mono},
         {Words::tr("Options"),
          [](const Row &row, Instant) { return words::subscriptionOptions(row.filter, row.options); }, CellStyle::Dim}},
        [](const Row &a, const Row &b) { return a.filter == b.filter; }, parent);
}

} // namespace sessionscope
