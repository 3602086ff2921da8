#include "ui/session/client_panel.h"

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
    Remembered,
    Interval,
    SessionLines
};
enum FlowLine
{
    SendQuota,
    ReceiveQuota,
    NextId,
    Delivered
};

QString countByQos(const QList<ExchangeView> &sent)
{
    const auto count = [&](Qos qos) {
        return std::count_if(sent.begin(), sent.end(), [qos](const ExchangeView &row) { return row.qos == qos; });
    };
    return QStringLiteral("QoS 1: %1 \u00b7 QoS 2: %2").arg(count(Qos::AtLeastOnce)).arg(count(Qos::ExactlyOnce));
}

} // namespace

ClientPanel::ClientPanel(QWidget *parent)
    : QWidget(parent), m_sent(exchangeModel(this)), m_held(heldModel(this)), m_heldAcks(heldAckModel(this)),
      m_waiting(queuedModel(this)), m_subscriptions(subscriptionModel(this)), m_sections(scrollColumn(buildSections())),
      m_empty(emptyRemark(tr("No state yet. Connect to start a session.")))
{
    QLabel *remark = nullptr;
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(panelTitleBar(tr("Client session state"), &remark));
    layout->addWidget(m_sections, 1);
    layout->addWidget(m_empty, 1);
    remark->setText(tr("in this app"));
    setObjectName(QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    setView(nullptr, {});
}

QWidget *ClientPanel::buildSections()
{
    const QString end = tr("client");
    m_session = new KeyValues({tr("Session"), tr("Expiry interval")});
    m_sentTable = new StateTable(tr("Sent, not completed"), end, m_sent, {5, 4, 10, 0, 7});
    m_heldTable = new StateTable(tr("Received, not completed"), end, m_held, {5, 13, 0, 7});
    m_heldAcksTable = new StateTable(tr("Acknowledgements held back"), end, m_heldAcks, {5, 8, 0, 7});
    m_waitingTable = new StateTable(tr("Waiting to be sent"), end, m_waiting, {0, 4, 6, 9});
    m_flow = new KeyValues({tr("Send quota"), tr("Receive quota"), tr("Next packet id"), tr("Delivered")});
    m_subscriptionsTable = new StateTable(tr("Subscriptions"), end, m_subscriptions, {0, 4, 4, 9});
    auto *flow = new Section(tr("Flow control"), m_flow);
    flow->setSummary({}, true);
    return sectionColumn(
        {m_session, m_sentTable, m_heldTable, m_heldAcksTable, m_waitingTable, m_subscriptionsTable, flow});
}

void ClientPanel::setView(const ClientView *view, const QList<Difference> &differences)
{
    m_sections->setVisible(view);
    m_empty->setVisible(!view);
    const ClientView shown = view ? *view : ClientView{};
    showSession(shown);
    showTables(shown, differences);
    showFlow(shown);
}

void ClientPanel::setNow(Instant now)
{
    m_now = now;
    m_sent->setNow(now);
    m_held->setNow(now);
    m_heldAcks->setNow(now);
    m_waiting->setNow(now);
}

void ClientPanel::showSession(const ClientView &view)
{
    if (!view.record) {
        m_session->setValue(Remembered, tr("none remembered"));
        m_session->setValue(Interval, {});
        return;
    }
    m_session->setValue(Remembered, tr("remembered since %1").arg(words::clock(view.record->since)));
    m_session->setValue(Interval, words::expiry(view.record->sessionExpiryInterval));
}

void ClientPanel::showTables(const ClientView &view, const QList<Difference> &differences)
{
    m_sent->setRows(view.sent);
    m_held->setRows(view.held);
    m_heldAcks->setRows(view.heldAcks);
    m_waiting->setRows(view.neverSent);
    m_subscriptions->setRows(view.subscriptions);
    m_sent->setHighlighted([ids = differingIds(differences, IdSpace::ClientSends)](const ExchangeView &row) {
        return ids.contains(row.packetId);
    });
    m_held->setHighlighted([ids = differingIds(differences, IdSpace::BrokerSends)](const HeldView &row) {
        return ids.contains(row.packetId);
    });
    m_sentTable->setTotal(view.sentTotal, countByQos(view.sent));
    m_heldTable->setTotal(view.heldTotal);
    // Nobody holds acknowledgements by default, so the section shows itself only to those who do.
    m_heldAcksTable->setVisible(!view.heldAckTypes.empty() || !view.heldReceivedTypes.empty() ||
                                view.heldAcksTotal > 0);
    m_heldAcksTable->setTotal(view.heldAcksTotal);
    m_waitingTable->setTotal(view.neverSentTotal);
    m_subscriptionsTable->setTotal(view.subscriptions.size());
}

void ClientPanel::showFlow(const ClientView &view)
{
    const FlowView &flow = view.flow;
    const bool known = view.connection == ClientConnection::Connected;
    const QString unknown = tr("set by the next CONNACK");
    m_flow->setValue(SendQuota, known ? tr("%1 of %2").arg(flow.sendQuota).arg(flow.sendMaximum) : unknown);
    m_flow->setValue(ReceiveQuota, known
                                       ? tr("%1 of %2")
                                             .arg(flow.receiveMaximum - std::min(flow.receiveOpen, flow.receiveMaximum))
                                             .arg(flow.receiveMaximum)
                                       : unknown);
    m_flow->setValue(NextId, QString::number(flow.nextPacketId.value));
    m_flow->setValue(Delivered, tr("%n message(s)", nullptr, int(view.delivered)));
}

} // namespace sessionscope
