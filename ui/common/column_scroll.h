// A column of a page that scrolls up and down only: it is never narrower than what stands in it.
#pragma once

#include <QScrollArea>

namespace sessionscope {

class ColumnScroll : public QScrollArea
{
    Q_OBJECT

public:
    explicit ColumnScroll(QWidget *content, QWidget *parent = nullptr);

    /// The content's, with room for the scroll bar beside it.
    QSize minimumSizeHint() const override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
};

} // namespace sessionscope
