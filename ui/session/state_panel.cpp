#include "ui/session/state_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>

namespace sessionscope {

QWidget *panelTitleBar(const QString &title, QLabel **remark)
{
    auto *bar = new QWidget;
    bar->setObjectName(QStringLiteral("panelTitleBar"));
    bar->setAttribute(Qt::WA_StyledBackground);
    auto *name = new QLabel(title);
    name->setObjectName(QStringLiteral("panelTitle"));
    auto *right = new QLabel;
    right->setObjectName(QStringLiteral("dim"));
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(12, 6, 12, 6);
    layout->addWidget(name);
    layout->addStretch(1);
    layout->addWidget(right);
    if (remark)
        *remark = right;
    return bar;
}

QWidget *scrollColumn(QWidget *content)
{
    content->setObjectName(QStringLiteral("panel"));
    auto *scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    return scroll;
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
