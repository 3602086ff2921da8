#include "ui/session/broker_panel.h"

#include "ui/common/key_values.h"
#include "ui/common/words.h"
#include "ui/session/state_panel.h"
#include "ui/session/state_table.h"

#include <QLabel>
#include <QVBoxLayout>

namespace sessionscope {

namespace {

enum SessionLine
{
    Exists,
    Interval,
    Ends,
    WillLine
};
enum FlowLine
{
    SendQuota,
    ReceiveQuota,
    Dropped
};

QString willText(const std::optional<WillView> &will, Instant now)
{
    if (!will)
        return BrokerPanel::tr("none");
    QStringList parts{words::text(will->topic), words::qos(will->qos)};
    if (will->retain)
        parts << BrokerPanel::tr("retain");
    if (will->delayInterval)
        parts << BrokerPanel::tr("delay %1").arg(words::seconds(will->delayInterval));
    if (will->dueAt)
        parts << BrokerPanel::tr("due in %1").arg(words::span(*will->dueAt - now));
    return parts.join(QStringLiteral(" \u00b7 "));
}

QString endText(const ServerSessionView &session, Instant now)
{
    if (session.endsAt)
        return BrokerPanel::tr("in %1, at %2").arg(words::span(*session.endsAt - now), words::clock(*session.endsAt));
    if (session.sessionExpiryInterval == sessionNeverExpires)
        return BrokerPanel::tr("never by itself");
    if (session.sessionExpiryInterval == 0)
        return BrokerPanel::tr("with the connection");
    return BrokerPanel::tr("%1 after the connection").arg(words::seconds(session.sessionExpiryInterval));
}

} // namespace

BrokerPanel::BrokerPanel(QWidget *parent)
    : QWidget(parent), m_sent(exchangeModel(this)), m_held(heldModel(this)), m_queued(queuedModel(this)),
      m_subscriptions(subscriptionModel(this)), m_sections(scrollColumn(buildSections())), m_empty(emptyRemark({}))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(panelTitleBar(tr("Broker session state"), &m_sight));
    layout->addWidget(m_sections, 1);
    layout->addWidget(m_empty, 1);
    setObjectName(QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    setView(BrokerSight::NotConnectedYet, nullptr, {});
}

QWidget *BrokerPanel::buildSections()
{
    const QString end = tr("broker");
    m_session = new KeyValues({tr("Session exists"), tr("Expiry interval"), tr("Ends"), tr("Will")});
    m_subscriptionsTable = new StateTable(tr("Subscriptions"), end, m_subscriptions, {0, 4, 4, 9});
    m_sentTable = new StateTable(tr("Sent, not completed"), end, m_sent, {5, 4, 10, 0, 7});
    m_queuedTable = new StateTable(tr("Queued for delivery"), end, m_queued, {0, 4, 6, 9});
    m_heldTable = new StateTable(tr("Received, not released"), end, m_held, {5, 13, 0, 7});
    m_flow = new KeyValues({tr("Send quota"), tr("Receive quota"), tr("Dropped")});
    auto *flow = new Section(tr("Flow control"), m_flow);
    flow->setSummary({}, true);
    return sectionColumn({m_session, m_sentTable, m_heldTable, m_queuedTable, m_subscriptionsTable, flow});
}

void BrokerPanel::setView(BrokerSight sight, const ServerSessionView *session, const QList<Difference> &differences)
{
    m_sections->setVisible(session);
    m_empty->setVisible(!session);
    switch (sight) {
    case BrokerSight::Observed:
        m_sight->setText(tr("bundled broker \u00b7 observed"));
        m_empty->setText(tr("The bundled broker has no session for this Client ID."));
        break;
    case BrokerSight::External:
        m_sight->setText(tr("external broker \u00b7 not observed"));
        m_empty->setText(tr("Not observed: external broker. Connect to the bundled broker to see this end of the "
                            "session."));
        break;
    case BrokerSight::NotShown:
        m_sight->setText(tr("bundled broker \u00b7 not shown"));
        m_empty->setText(tr("The bundled broker has more sessions than are shown; whether it has one for this "
                            "Client ID is not known here."));
        break;
    case BrokerSight::NotConnectedYet:
        m_sight->clear();
        m_empty->setText(tr("Nothing to observe yet."));
        break;
    }
    const ServerSessionView shown = session ? *session : ServerSessionView{};
    m_shown.reset();
    showTables(shown, differences);
    if (session) {
        m_shown = shown;
        showSession(shown);
    }
}

void BrokerPanel::setNow(Instant now)
{
    m_now = now;
    m_sent->setNow(now);
    m_held->setNow(now);
    m_queued->setNow(now);
    showEnd();
}

QString BrokerPanel::remark() const
{
    return m_shown ? QString() : m_empty->text();
}

void BrokerPanel::showEnd()
{
    if (!m_shown)
        return;
    m_session->setValue(Ends, endText(*m_shown, m_now));
    m_session->setValue(WillLine, willText(m_shown->will, m_now));
}

void BrokerPanel::showSession(const ServerSessionView &session)
{
    m_session->setValue(Exists, (session.connected ? tr("yes, connected since %1") : tr("yes, offline since %1"))
                                    .arg(words::clock(session.since)));
    m_session->setValue(Interval, words::expiry(session.sessionExpiryInterval));
    showEnd();
    const FlowView &flow = session.flow;
    const QString offline = tr("set by the next CONNECT");
    m_flow->setValue(SendQuota, session.connected ? tr("%1 of %2").arg(flow.sendQuota).arg(flow.sendMaximum) : offline);
    m_flow->setValue(ReceiveQuota, session.connected
                                       ? tr("%1 of %2")
                                             .arg(flow.receiveMaximum - std::min(flow.receiveOpen, flow.receiveMaximum))
                                             .arg(flow.receiveMaximum)
                                       : offline);
    m_flow->setValue(Dropped, session.dropped ? tr("%n message(s)", nullptr, int(session.dropped)) : QString());
}

void BrokerPanel::showTables(const ServerSessionView &session, const QList<Difference> &differences)
{
    m_sent->setRows(session.sent);
    m_held->setRows(session.held);
    m_queued->setRows(session.queued);
    m_subscriptions->setRows(session.subscriptions);
    m_sent->setHighlighted([ids = differingIds(differences, IdSpace::BrokerSends)](const ExchangeView &row) {
        return ids.contains(row.packetId);
    });
    m_held->setHighlighted([ids = differingIds(differences, IdSpace::ClientSends)](const HeldView &row) {
        return ids.contains(row.packetId);
    });
    m_subscriptionsTable->setTotal(session.subscriptionsTotal);
    m_sentTable->setTotal(session.sentTotal);
    m_queuedTable->setTotal(session.queuedTotal, QStringLiteral("QoS 0: %1 \u00b7 QoS 1: %2 \u00b7 QoS 2: %3")
                                                     .arg(session.queuedByQos[0])
                                                     .arg(session.queuedByQos[1])
                                                     .arg(session.queuedByQos[2]));
    m_heldTable->setTotal(session.heldTotal);
}

} // namespace sessionscope
