// The page of the numbered statements: a search over all of them, and beside it what is known of the one that is
// selected.
#pragma once

#include "ui/common/row_model.h"
#include "ui/statements/statements.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QTextBrowser;

namespace sessionscope {

class TableView;

class StatementsPage : public QWidget
{
    Q_OBJECT

public:
    using Model = RowModel<const Statement *>;

    explicit StatementsPage(QWidget *parent = nullptr);

    /// Selects a statement; what was searched for is cleared where it hides it. An unknown id changes nothing.
    void open(const QString &id);
    /// nullptr: nothing is found.
    const Statement *current() const;

    QLineEdit *searchField() const { return m_search; }
    TableView *table() const { return m_table; }
    QTextBrowser *text() const { return m_text; }

protected:
    void changeEvent(QEvent *event) override;

private:
    QWidget *buildHeader();
    QWidget *buildEntry();
    void search();
    void showCurrent();
    void copyEntry();

    Model *m_model;
    QLineEdit *m_search;
    QLabel *m_count;
    TableView *m_table;
    QTextBrowser *m_text;
};

} // namespace sessionscope
