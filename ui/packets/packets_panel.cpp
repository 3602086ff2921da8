#include "ui/packets/packets_panel.h"

#include "ui/common/icons.h"
#include "ui/common/table_view.h"
#include "ui/packets/finding_label.h"
#include "ui/packets/packet_detail.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QStyle>

namespace sessionscope {

PacketsPanel::PacketsPanel(const TraceLog &log, QWidget *parent)
    : QWidget(parent), m_model(new PacketModel(log, this)), m_table(new TableView(tr("Packets"))),
      m_detail(new PacketDetail(log)), m_filter(new QLineEdit)
{
    m_table->setModel(m_model);
    m_table->setColumnCharacters({6, 12, 2, 11, 5, 0, 6});
    m_filter->setAccessibleName(tr("Packet filter"));
    m_filter->setPlaceholderText(tr("type=PUBLISH qos=2 valve"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(themedIcon("search"), QLineEdit::LeadingPosition);

    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setObjectName(QStringLiteral("packetsSplitter"));
    splitter->setHandleWidth(1);
    splitter->addWidget(m_table);
    splitter->addWidget(m_detail);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({600, 330});
    splitter->setChildrenCollapsible(false);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(TableView::sideMargin, 0, 0, 0);
    layout->addWidget(splitter);

    connect(m_filter, &QLineEdit::textChanged, this, &PacketsPanel::applyFilter);
    connect(m_filter, &QLineEdit::returnPressed, m_table, [this] { m_table->setFocus(); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &PacketsPanel::showCurrent);
    connect(m_model, &QAbstractItemModel::modelReset, this, &PacketsPanel::showCurrent);
    connect(m_table, &TableView::activated, this, &PacketsPanel::openStatement);
    connect(m_detail->findings(), &FindingLabel::statementRequested, this, &PacketsPanel::statementRequested);
    keepFollowing();
    applyFilter();
}

PacketsPanel::~PacketsPanel()
{
    if (m_filter && !m_filter->parent())
        delete m_filter;
}

void PacketsPanel::keepFollowing()
{
    // Rows that come and a table that shrinks move the end; only who scrolls leaves it.
    QScrollBar *bar = m_table->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) { m_atEnd = value >= bar->maximum(); });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int, int maximum) {
        if (m_atEnd)
            bar->setValue(maximum);
    });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_atEnd = true;
        m_table->scrollToBottom();
    });
}

void PacketsPanel::applyFilter()
{
    const auto filter = PacketFilter::parse(m_filter->text());
    // A text that cannot be read leaves the list as it is, and says why at the field.
    const bool bad = !filter;
    m_filter->setProperty("tone", bad ? QStringLiteral("bad") : QString());
    m_filter->style()->unpolish(m_filter);
    m_filter->style()->polish(m_filter);
    const QString help = tr("Words are looked for in packet, topic and payload, and in what happened. Fields: type, "
                            "id, qos, dup, retain, topic, dir, kind, statement; with = or !=.");
    m_filter->setToolTip(bad ? tr("%1 (position %2)").arg(filter.error().what).arg(filter.error().position + 1) : help);
    m_filter->setAccessibleDescription(m_filter->toolTip());
    if (!bad)
        m_model->setFilter(*filter);
}

void PacketsPanel::showCurrent()
{
    const QModelIndex current = m_table->currentIndex();
    if (current.isValid())
        m_detail->setRecord(&m_model->record(current.row()), m_model->findings(current.row()));
    else
        m_detail->setRecord(nullptr);
}

QString PacketsPanel::statementId() const
{
    return m_detail->findings()->statementId();
}

void PacketsPanel::openStatement()
{
    if (!statementId().isEmpty())
        Q_EMIT statementRequested(statementId());
}

} // namespace sessionscope
