#include "ui/common/table_view.h"

#include "ui/common/icons.h"
#include "ui/common/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHeaderView>
#include <QScrollBar>
#include <QStyledItemDelegate>

namespace sessionscope {

namespace {

/// Keeps a cell's own colour when its row is selected, and draws no focus frame around single cells.
class RowDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        option->state &= ~QStyle::State_HasFocus;
        const QVariant foreground = index.data(Qt::ForegroundRole);
        if (foreground.canConvert<QBrush>())
            option->palette.setBrush(QPalette::HighlightedText, foreground.value<QBrush>());
    }
};

QString fullText(const QModelIndex &cell)
{
    const QVariant full = cell.data(fullTextRole);
    return full.isValid() ? full.toString() : cell.data().toString();
}

/// The same, which stays within its line and column.
QString textInRow(const QModelIndex &cell)
{
    constexpr QChar lineFeed(0x240A);
    constexpr QChar carriageReturn(0x240D);
    return fullText(cell)
        .replace(QLatin1Char('\t'), QLatin1Char(' '))
        .replace(QLatin1Char('\n'), lineFeed)
        .replace(QLatin1Char('\r'), carriageReturn);
}

} // namespace

TableView::TableView(const QString &name, QWidget *parent) : QTableView(parent)
{
    setAccessibleName(name);
    setShowGrid(false);
    setWordWrap(false);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setItemDelegate(new RowDelegate(this));
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setMinimumSectionSize(24);

    const auto addCopy = [this](const QString &text, void (TableView::*slot)(), const QKeySequence &keys) {
        auto *action = new QAction(text, this);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, slot);
        addAction(action);
        return action;
    };
    addCopy(tr("&Copy Rows"), &TableView::copySelection, QKeySequence::Copy)->setIcon(themedIcon("copy"));
    addCopy(tr("Copy &Value"), &TableView::copyCell, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
    setContextMenuPolicy(Qt::ActionsContextMenu);
    applyMetrics();
}

void TableView::setColumnCharacters(const QList<int> &characters)
{
    m_characters = characters;
    watchRows();
    applyMetrics();
}

void TableView::fitRows(int most)
{
    m_mostRows = most;
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    watchRows();
    updateGeometry();
}

void TableView::watchRows()
{
    if (!model() || !m_mostRows)
        return;
    const auto fit = [this] { updateGeometry(); };
    connect(model(), &QAbstractItemModel::rowsInserted, this, fit);
    connect(model(), &QAbstractItemModel::rowsRemoved, this, fit);
    connect(model(), &QAbstractItemModel::modelReset, this, fit);
}

QString TableView::selectedText() const
{
    if (!model() || !selectionModel())
        return {};
    const int columns = model()->columnCount();
    QStringList lines;
    QStringList cells;
    for (int column = 0; column < columns; ++column)
        cells << model()->headerData(column, Qt::Horizontal).toString();
    lines << cells.join(QLatin1Char('\t'));
    auto selected = selectionModel()->selectedRows();
    std::sort(selected.begin(), selected.end());
    if (selected.isEmpty())
        return {};
    qsizetype count = 0;
    for (qsizetype length = 0; count < std::min<qsizetype>(selected.size(), copyLimit) && length < copyTextLimit;) {
        cells.clear();
        for (int column = 0; column < columns; ++column)
            cells << textInRow(selected[count].siblingAtColumn(column));
        lines << cells.join(QLatin1Char('\t'));
        length += lines.last().size();
        ++count;
    }
    if (count < selected.size())
        lines << tr("(%n more row(s) not copied)", nullptr, int(selected.size() - count));
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void TableView::copySelection()
{
    const QString text = selectedText();
    if (!text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void TableView::copyCell()
{
    if (currentIndex().isValid())
        QApplication::clipboard()->setText(fullText(currentIndex()));
}

int TableView::fittedHeight() const
{
    const int rows = model() ? model()->rowCount() : 0;
    const int header = horizontalHeader()->isHidden() ? 0 : horizontalHeader()->sizeHint().height();
    return header + std::clamp(rows, 1, m_mostRows) * verticalHeader()->defaultSectionSize() + 2;
}

QSize TableView::sizeHint() const
{
    return m_mostRows ? QSize(240, fittedHeight()) : QTableView::sizeHint();
}

QSize TableView::minimumSizeHint() const
{
    return m_mostRows ? QSize(80, fittedHeight()) : QSize(80, 60);
}

void TableView::applyMetrics()
{
    const QFontMetrics metrics(font());
    verticalHeader()->setMinimumSectionSize(metrics.height() + 5);
    verticalHeader()->setDefaultSectionSize(metrics.height() + 5);
    const int character = QFontMetrics(monospaceFont()).averageCharWidth();
    for (int column = 0; model() && column < m_characters.size(); ++column) {
        const auto mode = m_characters[column] ? QHeaderView::Interactive : QHeaderView::Stretch;
        horizontalHeader()->setSectionResizeMode(column, mode);
        if (m_characters[column])
            setColumnWidth(column, m_characters[column] * character + 12);
    }
}

void TableView::changeEvent(QEvent *event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        applyMetrics();
}

} // namespace sessionscope
