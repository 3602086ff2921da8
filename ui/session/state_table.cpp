#include "ui/session/state_table.h"

namespace sessionscope {

namespace {

TableView *makeTable(const QString &name, QAbstractItemModel *model, const QList<int> &characters)
{
    auto *table = new TableView(name);
    table->setModel(model);
    table->setColumnCharacters(characters);
    table->fitRows(StateTable::visibleRows);
    return table;
}

} // namespace

StateTable::StateTable(const QString &title, const QString &end, QAbstractItemModel *model,
                       const QList<int> &characters)
    : StateTable(title, makeTable(title + QStringLiteral(", ") + end, model, characters))
{
}

StateTable::StateTable(const QString &title, TableView *table) : Section(title, table), m_table(table) {}

void StateTable::setTotal(qsizetype total, const QString &details)
{
    QStringList words{total ? QString::number(total) : tr("none")};
    if (!details.isEmpty() && total)
        words << details;
    const int shown = m_table->model()->rowCount();
    if (shown < total)
        words << tr("first %1 shown").arg(shown);
    setSummary(words.join(QStringLiteral(" \u00b7 ")), total > 0);
}

} // namespace sessionscope
