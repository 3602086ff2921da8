// One part of a session's state: a heading with its count, and below it what is there. Nothing there: the heading
// alone.
#pragma once

#include <QWidget>

class QLabel;

namespace sessionscope {

class Section : public QWidget
{
    Q_OBJECT

public:
    /// content becomes a child of the section.
    Section(const QString &title, QWidget *content, QWidget *parent = nullptr);

    /// The words beside the title; content is shown only when there is something to show.
    void setSummary(const QString &summary, bool hasContent);
    QString summary() const;

private:
    QLabel *m_title;
    QLabel *m_summary;
    QWidget *m_content;
};

} // namespace sessionscope
