// A label that shows a value: whoever wants to copy it can select it, with the mouse or with the keyboard alone.
#pragma once

#include <QLabel>

namespace sessionscope {

class ValueLabel : public QLabel
{
    Q_OBJECT

public:
    /// Whether Tab comes here. What stands in full somewhere else need not be a stop; a click gives it the keyboard.
    enum class TabStop : quint8
    {
        No,
        Yes
    };

    /// name is what a screen reader calls the value; none for a value that says itself what it is.
    explicit ValueLabel(const QString &name = {}, TabStop tabStop = TabStop::Yes, QWidget *parent = nullptr);

    void setValue(const QString &value);
    /// The same for a value that counts: it stands still while somebody selects in it, or nobody could copy it.
    void setCountingValue(const QString &value);

    /// What stands there while there is no value.
    void setRemark(const QString &remark);

private:
    QString m_name;
    TabStop m_tabStop;
};

} // namespace sessionscope
