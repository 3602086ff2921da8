// The table of every panel: fixed row height, no grid, whole rows selected, Ctrl+C as tab-separated text.
#pragma once

#include <QTableView>

namespace sessionscope {

/// A cell's text in full, for copying, of models whose cells show only the start of it. No text: the cell shows it all.
inline constexpr int fullTextRole = Qt::UserRole;

class TableView : public QTableView
{
    Q_OBJECT

public:
    /// Left of a table whose cells are to stand under a heading: cells have a small margin of their own.
    static constexpr int sideMargin = 9;

    /// name is what a screen reader calls the table.
    explicit TableView(const QString &name, QWidget *parent = nullptr);

    /// Column widths in characters; 0 takes the space that is left. Call after setModel().
    void setColumnCharacters(const QList<int> &characters);

    /// Makes the table as high as its rows, up to this many; above that it scrolls.
    void fitRows(int most);

    /// Rows copied at once, at most; what exceeds it is named in the last line of the text.
    static constexpr int copyLimit = 50'000;
    /// Characters after which no further row is copied: cells may hold much more than they show.
    static constexpr qsizetype copyTextLimit = 16 * 1024 * 1024;

    /// The selected rows as tab-separated lines under the column titles, with every cell in full.
    QString selectedText() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    void copySelection();
    void copyCell();

protected:
    void changeEvent(QEvent *event) override;

private:
    int fittedHeight() const;
    void applyMetrics();
    void watchRows();

    int m_mostRows = 0; ///< 0: does not fit itself to its rows
    QList<int> m_characters;
};

} // namespace sessionscope
