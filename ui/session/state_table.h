// A section of a state panel that holds one table: heading with a count, rows, and a word when the list was cut.
#pragma once

#include "ui/common/section.h"
#include "ui/common/table_view.h"

#include <QAbstractItemModel>

namespace sessionscope {

class StateTable : public Section
{
    Q_OBJECT

public:
    /// Rows shown at once; a longer table scrolls within its section.
    static constexpr int visibleRows = 8;

    /// characters: column widths as in TableView::setColumnCharacters(). end: whose table it is, for screen readers.
    StateTable(const QString &title, const QString &end, QAbstractItemModel *model, const QList<int> &characters);

    /// total counts everything; details come behind it ("QoS 1: 1 · QoS 2: 2").
    void setTotal(qsizetype total, const QString &details = {});

    TableView *table() const { return m_table; }

private:
    StateTable(const QString &title, TableView *table);

    TableView *m_table;
};

} // namespace sessionscope
