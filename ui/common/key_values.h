// A short list of named values, selectable for copying.
#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;

namespace sessionscope {

class KeyValues : public QWidget
{
    Q_OBJECT

public:
    explicit KeyValues(const QStringList &titles, QWidget *parent = nullptr);

    /// An empty value hides the line.
    void setValue(int row, const QString &value);
    QString value(int row) const;

private:
    QList<QLabel *> m_titles;
    QList<QLabel *> m_values;
};

} // namespace sessionscope
