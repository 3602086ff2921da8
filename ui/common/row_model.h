// A table model over a list of plain values: one row a value, one column a way to put it into words.
// New values are laid over the old ones by their keys, so that selection and scroll position survive every update.
// Cells are always strings: numbers are identifiers here and must not be localised.
#pragma once

#include "core/base/instant.h"
#include "ui/common/theme.h"

#include <QAbstractTableModel>
#include <QBrush>
#include <QFont>

#include <functional>

namespace sessionscope {

enum class CellStyle : quint8
{
    Text,
    Mono,
    Dim
};
/// Whether a cell's words change while time passes.
enum class Ageing : quint8
{
    No,
    Yes
};

template<class Row> struct RowColumn
{
    QString title;
    std::function<QString(const Row &, Instant now)> text;
    CellStyle style = CellStyle::Text;
    Ageing ageing = Ageing::No;
};

template<class Row> class RowModel : public QAbstractTableModel
{
public:
    using Columns = QList<RowColumn<Row>>;
    /// What makes two values the same row; its value changes, its key does not.
    using Key = std::function<bool(const Row &, const Row &)>;

    RowModel(Columns columns, Key sameRow, QObject *parent = nullptr)
        : QAbstractTableModel(parent), m_columns(std::move(columns)), m_sameRow(std::move(sameRow))
    {
    }

    const QList<Row> &rows() const { return m_rows; }

    /// Replaces the content, telling views only what changed.
    void setRows(const QList<Row> &rows)
    {
        qsizetype front = 0;
        const qsizetype shorter = std::min(m_rows.size(), rows.size());
        while (front < shorter && m_sameRow(m_rows[front], rows[front]))
            ++front;
        qsizetype back = 0;
        while (back < shorter - front && m_sameRow(m_rows[m_rows.size() - 1 - back], rows[rows.size() - 1 - back]))
            ++back;
        replaceMiddle(rows, front, back);
        updateValues(rows);
    }

    Instant now() const { return m_now; }

    /// Lets ageing cells say what holds now.
    void setNow(Instant now)
    {
        m_now = now;
        if (m_rows.isEmpty())
            return;
        for (int column = 0; column < m_columns.size(); ++column) {
            if (m_columns[column].ageing == Ageing::Yes)
                Q_EMIT dataChanged(index(0, column), index(int(m_rows.size()) - 1, column), {Qt::DisplayRole});
        }
    }

    /// Rows for which this is true are shown on the highlight colour.
    void setHighlighted(std::function<bool(const Row &)> highlighted)
    {
        m_highlighted = std::move(highlighted);
        if (!m_rows.isEmpty())
            Q_EMIT dataChanged(index(0, 0), index(int(m_rows.size()) - 1, int(m_columns.size()) - 1),
                               {Qt::BackgroundRole});
    }

    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_rows.size()); }
    int columnCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : int(m_columns.size());
    }

    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size())
            return {};
        if (role == Qt::DisplayRole)
            return m_columns[section].title;
        if (role == Qt::TextAlignmentRole)
            return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
        return {};
    }

    QVariant data(const QModelIndex &at, int role) const override
    {
        if (!checkIndex(at, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
            return {};
        const Row &row = m_rows[at.row()];
        const RowColumn<Row> &column = m_columns[at.column()];
        switch (role) {
        case Qt::DisplayRole:
        case Qt::ToolTipRole:
            return column.text(row, m_now);
        case Qt::AccessibleTextRole:
            return QString(column.title + QStringLiteral(": ") + column.text(row, m_now));
        case Qt::FontRole:
            return column.style == CellStyle::Mono ? QVariant(monospaceFont()) : QVariant();
        case Qt::ForegroundRole:
            return column.style == CellStyle::Dim ? QVariant(QBrush(colours().dim)) : QVariant();
        case Qt::BackgroundRole:
            return m_highlighted && m_highlighted(row) ? QVariant(QBrush(colours().highlight)) : QVariant();
        default:
            return {};
        }
    }

private:
    void replaceMiddle(const QList<Row> &rows, qsizetype front, qsizetype back)
    {
        const qsizetype oldMiddle = m_rows.size() - front - back;
        const qsizetype newMiddle = rows.size() - front - back;
        if (oldMiddle > 0) {
            beginRemoveRows({}, int(front), int(front + oldMiddle) - 1);
            m_rows.remove(front, oldMiddle);
            endRemoveRows();
        }
        if (newMiddle > 0) {
            beginInsertRows({}, int(front), int(front + newMiddle) - 1);
            m_rows.insert(front, newMiddle, Row{});
            std::copy_n(rows.begin() + front, newMiddle, m_rows.begin() + front);
            endInsertRows();
        }
    }

    void updateValues(const QList<Row> &rows)
    {
        int first = -1;
        int last = -1;
        for (int i = 0; i < rows.size(); ++i) {
            if (m_rows[i] == rows[i])
                continue;
            m_rows[i] = rows[i];
            first = first < 0 ? i : first;
            last = i;
        }
        if (first >= 0)
            Q_EMIT dataChanged(index(first, 0), index(last, int(m_columns.size()) - 1));
    }

    Columns m_columns;
    Key m_sameRow;
    std::function<bool(const Row &)> m_highlighted;
    QList<Row> m_rows;
    Instant m_now;
};

} // namespace sessionscope
