// The pages of the window: one for each client that was opened, one for each foreign session that is watched.
// Only the page in front is kept up to date; the others catch up when they come to the front.
#pragma once

#include "ui/shell/client_control.h"
#include "ui/shell/client_page.h"

#include <QTabWidget>

namespace sessionscope {

class ClientActions;
class WatchPage;

class PageBook : public QTabWidget
{
    Q_OBJECT

public:
    /// All outlive the book.
    PageBook(LabFeed &feed, ProfileModel &profiles, ClientControl &control, ClientActions &actions,
             QWidget *parent = nullptr);

    /// Brings the page to the front, making it first if need be.
    void openProfile(int row);
    void openSession(const QByteArray &clientId);
    /// The page of the statements, at this one or at the search when id is empty.
    void openStatement(const QString &id);
    /// The statement that the page in front has to do with; empty: none.
    QString currentStatement() const;
    /// The keyboard goes to where the page in front is searched or filtered.
    void focusSearch();
    void closeProfile(ClientKey key);
    /// The form of this profile shows what the model has, if the page is open.
    void reloadForm(int row);
    void closeCurrent();

    /// nullptr when the page in front is none of a client.
    ClientPage *currentClient() const;
    QList<ClientPage *> clientPages() const;

    void setFormVisible(bool visible);
    void setBundledUrl(const QString &url);
    void refresh();
    void saveLayout(QSettings &settings) const;
    void resetLayout();

Q_SIGNALS:
    void clientChanged();

private:
    /// The pages of one kind, in the order of their tabs.
    template<class Page> QList<Page *> pages() const;
    ClientPage *makePage(int row);
    ClientPage *pageOf(ClientKey key) const;
    void showClient(ClientPage *page);
    void showWatch(WatchPage *page);
    void showContext(ClientPage *page, const ClientView *view);
    void tickCurrent();
    void takeRecords(LogRow first);
    void retitle(int row);
    /// Both ends of a client, as far as they can be seen.
    PageView viewOf(ClientKey key) const;

    LabFeed &m_feed;
    ProfileModel &m_profiles;
    ClientControl &m_control;
    ClientActions &m_actions;
    bool m_formVisible = true;
    QString m_bundledUrl;
};

} // namespace sessionscope
