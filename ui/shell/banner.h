// A line across a page that says something which has to be seen.
#pragma once

#include <QWidget>

class QLabel;

namespace sessionscope {

enum class BannerTone : quint8
{
    Warning,
    Bad
};

class Banner : public QWidget
{
    Q_OBJECT

public:
    /// A bad banner can be put away by its button.
    explicit Banner(BannerTone tone, QWidget *parent = nullptr);

    /// An empty text hides it.
    void setText(const QString &text);
    QString text() const;

private:
    QLabel *m_label;
};

} // namespace sessionscope
