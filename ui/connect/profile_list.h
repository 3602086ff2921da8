// The list of profiles with its state pills, and the actions that change the list.
#pragma once

#include "ui/connect/profile_model.h"

#include <QWidget>

class QAction;
class QListView;
class QMenu;

namespace sessionscope {

class ProfileList : public QWidget
{
    Q_OBJECT

public:
    /// model outlives the list.
    explicit ProfileList(ProfileModel *model, QWidget *parent = nullptr);

    /// -1: nothing is selected.
    int currentRow() const;
    void setCurrentRow(int row);
    void addTo(QMenu *menu) const;
    QAction *addAction() const { return m_add; }
    /// Lets the user type a new name for the current profile.
    void rename();
    QListView *view() const { return m_view; }

Q_SIGNALS:
    void opened(int row);
    void addRequested();
    void duplicateRequested(int row);
    void removeRequested(int row);
    void saveRequested(int row);

private:
    QAction *make(const QString &text, const char *icon, const QKeySequence &keys);
    void buildActions();
    QWidget *buildTitle();

    ProfileModel *m_model;
    QListView *m_view;
    QAction *m_add = nullptr;
    QAction *m_duplicate = nullptr;
    QAction *m_rename = nullptr;
    QAction *m_save = nullptr;
    QAction *m_remove = nullptr;
};

} // namespace sessionscope
