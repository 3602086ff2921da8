#include "ui/session/state_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

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
