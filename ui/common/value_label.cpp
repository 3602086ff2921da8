#include "ui/common/value_label.h"

namespace sessionscope {

ValueLabel::ValueLabel(const QString &name, TabStop tabStop, QWidget *parent)
    : QLabel(parent), m_name(name), m_tabStop(tabStop)
{
    setTextFormat(Qt::PlainText);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setValue({});
}

void ValueLabel::setValue(const QString &value)
{
    setText(value);
    setAccessibleName(value.isEmpty() || m_name.isEmpty() ? m_name : m_name + QStringLiteral(": ") + value);
    if (value.isEmpty())
        setFocusPolicy(Qt::NoFocus); // there is nothing to stop for
    else
        setFocusPolicy(m_tabStop == TabStop::Yes ? Qt::StrongFocus : Qt::ClickFocus);
}

void ValueLabel::setCountingValue(const QString &value)
{
    if (!hasFocus() || !hasSelectedText())
        setValue(value);
}

void ValueLabel::setRemark(const QString &remark)
{
    setValue({});
    setText(remark);
}

} // namespace sessionscope
