#include "ui/broker/session_list.h"

#include "ui/common/expiry_bar.h"
#include "ui/common/side_title.h"
#include "ui/common/words.h"
#include "ui/session/session_life.h"

#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace sessionscope {

namespace {

constexpr int sideMargin = 10;

SessionLife lifeOfRow(const SessionRow &row, Instant now)
{
    ServerSessionView view;
    view.connected = row.connected;
    view.since = row.since;
    view.sessionExpiryInterval = row.sessionExpiryInterval;
    view.endsAt = row.endsAt;
    return lifeOf(view, now);
}

/// Client ID and load in the first line, a bar and its words in the second.
class SessionDelegate : public QStyledItemDelegate
{
public:
    SessionDelegate(const SessionRowModel *model, QObject *parent) : QStyledItemDelegate(parent), m_model(model) {}

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const override
    {
        return {120, 2 * option.fontMetrics.height() + 12};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const SessionRow &row = m_model->rows()[index.row()];
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, colours().selection);
        const QRect area = option.rect.adjusted(sideMargin, 4, -sideMargin, -4);
        const int half = area.height() / 2;
        paintFirst(painter, QRect(area.left(), area.top(), area.width(), half), option.font, row);
        paintSecond(painter, QRect(area.left(), area.top() + half, area.width(), half), lifeOfRow(row, m_model->now()));
    }

private:
    static constexpr int gap = 8;

    /// The load in words where there is room for them, else in numbers.
    static QString fittingLoad(const SessionRow &row, const QFontMetrics &metrics, int width)
    {
        const QString words = loadWords(row);
        if (metrics.horizontalAdvance(words) <= width)
            return words;
        return QStringLiteral("%1 \u00b7 %2").arg(row.inFlight).arg(row.queued);
    }

    static void paintFirst(QPainter *painter, QRect line, const QFont &font, const SessionRow &row)
    {
        QFont bold = font;
        bold.setWeight(QFont::DemiBold);
        const QString clientId = words::text(row.clientId);
        const int idWidth = std::min(QFontMetrics(bold).horizontalAdvance(clientId), line.width() / 2);
        painter->setFont(monospaceFont());
        painter->setPen(colours().dim);
        const QString load = fittingLoad(row, painter->fontMetrics(), line.width() - idWidth - gap);
        painter->drawText(line, int(Qt::AlignVCenter | Qt::AlignRight), load);
        line.setRight(line.right() - painter->fontMetrics().horizontalAdvance(load) - gap);
        painter->setFont(bold);
        painter->setPen(colours().ink);
        painter->drawText(line, int(Qt::AlignVCenter | Qt::AlignLeft),
                          painter->fontMetrics().elidedText(clientId, Qt::ElideRight, line.width()));
    }

    static void paintSecond(QPainter *painter, QRect line, const SessionLife &life)
    {
        painter->setFont(monospaceFont());
        painter->setPen(colours().dim);
        const QString brief = painter->fontMetrics().elidedText(life.brief, Qt::ElideRight, line.width());
        painter->drawText(line, int(Qt::AlignVCenter | Qt::AlignRight), brief);
        line.setRight(line.right() - painter->fontMetrics().horizontalAdvance(brief) - gap);
        if (line.width() > 10)
            paintBar(painter, QRect(line.left(), line.center().y() - 1, line.width(), 4), life.share, life.tone);
    }

    const SessionRowModel *m_model;
};

SessionRowModel *makeModel(QObject *parent)
{
    const auto spoken = [](const SessionRow &row, Instant now) {
        return words::text(row.clientId) + QStringLiteral(", ") + loadWords(row) + QStringLiteral(", ") +
               lifeOfRow(row, now).end;
    };
    return new SessionRowModel(
        {{SessionList::tr("Broker session"), spoken, CellStyle::Text, Ageing::Yes}},
        [](const SessionRow &a, const SessionRow &b) { return a.clientId == b.clientId; }, parent);
}

} // namespace

QString loadWords(const SessionRow &row)
{
    QStringList parts;
    if (row.version != Version::V5)
        parts << words::version(row.version).sliced(5);
    if (row.inFlight)
        parts << SessionList::tr("%1 in flight").arg(row.inFlight);
    if (row.queued)
        parts << SessionList::tr("%1 queued").arg(row.queued);
    return parts.join(QStringLiteral(" \u00b7 "));
}

SessionList::SessionList(QWidget *parent)
    : QWidget(parent), m_model(makeModel(this)), m_view(new QListView), m_empty(new QLabel(tr("No sessions yet")))
{
    setObjectName(QStringLiteral("sidebar"));
    setAttribute(Qt::WA_StyledBackground);
    m_view->setModel(m_model);
    m_view->setItemDelegate(new SessionDelegate(m_model, m_view));
    m_view->setAccessibleName(tr("Broker sessions"));
    m_view->setUniformItemSizes(true);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_empty->setObjectName(QStringLiteral("dim"));
    m_empty->setContentsMargins(sideMargin, 4, sideMargin, 4);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(sideTitle(tr("Broker sessions"), {}, &m_count));
    layout->addWidget(m_empty);
    layout->addWidget(m_view, 1);

    const auto open = [this](const QModelIndex &index) { Q_EMIT opened(m_model->rows()[index.row()].clientId); };
    connect(m_view, &QListView::clicked, this, open);
    connect(m_view, &QListView::activated, this, open);
}

void SessionList::setView(const BrokerView &broker)
{
    QList<SessionRow> rows;
    rows.reserve(broker.sessions.size());
    for (const ServerSessionView &session : broker.sessions) {
        rows.append({session.clientId, session.version, session.connected, session.since, session.sessionExpiryInterval,
                     session.endsAt, session.sentTotal + session.heldTotal, session.queuedTotal});
    }
    m_model->setRows(rows);
    m_count->setText(rows.size() < broker.sessionsTotal ? tr("%1 of %2").arg(rows.size()).arg(broker.sessionsTotal)
                                                        : QString::number(broker.sessionsTotal));
    m_empty->setVisible(rows.isEmpty());
}

void SessionList::setNow(Instant now)
{
    m_model->setNow(now);
}

} // namespace sessionscope
