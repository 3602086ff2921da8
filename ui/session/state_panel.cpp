#include "ui/session/state_panel.h"

#include "ui/common/column_scroll.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QVBoxLayout>

namespace sessionscope {

namespace {

/// Gives way where the title needs the room.
class Remark : public QLabel
{
public:
    QSize minimumSizeHint() const override { return {0, QLabel::minimumSizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, width());
        style()->drawItemText(&painter, rect(), int(Qt::AlignVCenter | Qt::AlignRight), palette(), isEnabled(), shown,
                              foregroundRole());
    }
};

} // namespace

QWidget *panelTitleBar(const QString &title, QLabel **remark)
{
    auto *bar = new QWidget;
    bar->setObjectName(QStringLiteral("panelTitleBar"));
    bar->setAttribute(Qt::WA_StyledBackground);
    auto *name = new QLabel(title);
    name->setObjectName(QStringLiteral("panelTitle"));
    auto *right = new Remark;
    right->setObjectName(QStringLiteral("dim"));
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(name);
    layout->addWidget(right, 1);
    if (remark)
        *remark = right;
    return bar;
}

QWidget *sectionColumn(std::initializer_list<QWidget *> sections)
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 6, 0, 8);
    column->setSpacing(3);
    for (QWidget *section : sections)
        column->addWidget(section);
    column->addStretch(1);
    return content;
}

QWidget *scrollColumn(QWidget *content)
{
    return new ColumnScroll(content);
}

QLabel *emptyRemark(const QString &text)
{
    auto *label = new QLabel(text);
    label->setObjectName(QStringLiteral("dim"));
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setMargin(24);
    return label;
}

} // namespace sessionscope
