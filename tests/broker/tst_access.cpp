// The password file, the access list, and what a client may do by it.
#include "core/broker/access_text.h"

#include <QTest>

using namespace sessionscope;

namespace {

const QByteArray base64Hash = QByteArray(64, 'h').toBase64();

AccessList listOf(const QByteArray &text)
{
    const auto parsed = parseAccessList(text);
    [&] { QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().what)); }();
    return parsed ? *parsed : AccessList();
}

} // namespace

class AccessTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_both_schemes_and_skips_comments()
    {
        const auto accounts = parsePasswordFile("# people\n\nann:$7$101$c2FsdA==$" + base64Hash +
                                                "\r\nbob:$6$cGVwcGVy$" + base64Hash + "\n");
        QVERIFY2(accounts.ok(), accounts ? "" : qPrintable(accounts.error().what));
        QCOMPARE(accounts->size(), std::size_t(2));
        const PasswordHash ann = accounts->at("ann");
        QCOMPARE(ann.scheme, PasswordHash::Scheme::Pbkdf2Sha512);
        QCOMPARE(ann.iterations, 101u);
        QCOMPARE(ann.salt, QByteArray("salt"));
        QCOMPARE(ann.hash, QByteArray(64, 'h'));
        QCOMPARE(accounts->at("bob").scheme, PasswordHash::Scheme::Sha512);
        QCOMPARE(accounts->at("bob").salt, QByteArray("pepper"));
    }

    void says_where_a_password_file_is_wrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("says");
        QTest::newRow("no colon") << QByteArray("ann\n") << 1 << 1 << "NAME:HASH";
        QTest::newRow("no name") << QByteArray(":$6$c2FsdA==$") << 1 << 1 << "NAME:HASH";
        QTest::newRow("plain text") << QByteArray("# x\nann:hunter2\n") << 2 << 5 << "mosquitto_passwd";
        QTest::newRow("iterations") << QByteArray("ann:$7$many$c2FsdA==$aGFzaA==") << 1 << 8 << "iterations";
        QTest::newRow("too many iterations") << QByteArray("ann:$7$1000001$c2FsdA==$aGFzaA==") << 1 << 8 << "1000000";
        QTest::newRow("salt") << QByteArray("ann:$6$*$aGFzaA==") << 1 << 8 << "salt";
        QTest::newRow("short hash") << QByteArray("ann:$6$c2FsdA==$aGFzaA==") << 1 << 17 << "64 bytes";
        QTest::newRow("more behind") << "ann:$6$c2FsdA==$" + base64Hash + "$x" << 1 << 17 << "end of the line";
        QTest::newRow("twice") << "a:$6$c2FsdA==$" + base64Hash + "\na:$6$c2FsdA==$" + base64Hash << 2 << 1
                               << "each name once";
    }
    void says_where_a_password_file_is_wrong()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(QString, says);
        const auto accounts = parsePasswordFile(text);
        QVERIFY(!accounts);
        QCOMPARE(accounts.error().line, line);
        QCOMPARE(accounts.error().column, column);
        QVERIFY2(accounts.error().what.contains(says), qPrintable(accounts.error().what));
        QVERIFY2(!accounts.error().what.contains(QStringLiteral("hunter2")), "a secret in an error");
    }

    void reads_scram_verifiers_as_gsasl_prints_them()
    {
        const auto accounts = parseScramFile(
            "# gsasl --mkpasswd --mechanism SCRAM-SHA-256 --password pencil, and SCRAM-SHA-1\n"
            "plant:{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,"
            "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\r\n"
            "plant:{SCRAM-SHA-1}65536,DG3dHGr5hnrI3uG5,8MHu+0i3UmwbZgfZ8CgXbtnV6HM=,pQnpOFI3vml1UnZCZcWYCVquQU8=\n");
        QVERIFY2(accounts.ok(), accounts ? "" : qPrintable(accounts.error().what));
        QCOMPARE(accounts->size(), std::size_t(2));
        const ScramVerifier strong = accounts->at("SCRAM-SHA-256").at("plant");
        QCOMPARE(strong.iterations, 4096u);
        QCOMPARE(strong.salt.toBase64(), QByteArray("W22ZaJ0SNY7soEsUEjb6gQ=="));
        QCOMPARE(strong.storedKey.toBase64(), QByteArray("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="));
        QCOMPARE(strong.serverKey.toBase64(), QByteArray("wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="));
        QCOMPARE(accounts->at("SCRAM-SHA-1").at("plant").iterations, 65536u);
    }

    void says_where_a_scram_file_is_wrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("says");
        const QByteArray begin = "ann:{SCRAM-SHA-256}4096,";
        const QByteArray key = QByteArray(32, 'k').toBase64();
        QTest::newRow("no colon") << QByteArray("ann\n") << 1 << 1 << "NAME:{MECHANISM}";
        QTest::newRow("no name") << QByteArray(":{SCRAM-SHA-256}") << 1 << 1 << "NAME:{MECHANISM}";
        QTest::newRow("name") << QByteArray("\xFF:{SCRAM-SHA-256}") << 1 << 1 << "UTF-8";
        QTest::newRow("plain text") << QByteArray("# x\nann:hunter2\n") << 2 << 5 << "gsasl --mkpasswd";
        QTest::newRow("mechanism") << QByteArray("ann:{SCRAM-SHA-512}1,") << 1 << 5 << "{SCRAM-SHA-1}";
        QTest::newRow("no iterations") << QByteArray("ann:{SCRAM-SHA-256}0,c2FsdA==") << 1 << 20 << "from 1";
        QTest::newRow("too many iterations") << QByteArray("ann:{SCRAM-SHA-1}1000001,c2FsdA==") << 1 << 18 << "1000000";
        QTest::newRow("salt") << begin + "*," + key << 1 << 25 << "salt";
        QTest::newRow("long salt") << begin + QByteArray(maximumScramSalt + 1, 's').toBase64() + ',' << 1 << 25
                                   << "1024 bytes";
        QTest::newRow("nothing behind the salt") << begin + "c2FsdA==" << 1 << 33 << "StoredKey";
        QTest::newRow("short StoredKey") << begin + "c2FsdA==,aGk=," + key << 1 << 34 << "StoredKey of 32 bytes";
        QTest::newRow("keys of the other mechanism")
            << "ann:{SCRAM-SHA-1}4096,c2FsdA==," + key + ',' + key << 1 << 32 << "StoredKey of 20 bytes";
        QTest::newRow("ServerKey") << begin + "c2FsdA==," + key + ",hunter2" << 1 << 79 << "ServerKey";
        QTest::newRow("the salted password")
            << begin + "c2FsdA==," + key + ',' + key + ",hunter2" << 1 << 124 << "end of the line";
        const QByteArray whole = begin + "c2FsdA==," + key + ',' + key + '\n';
        QTest::newRow("twice") << whole + whole << 2 << 1 << "SCRAM-SHA-256 already";
    }
    void says_where_a_scram_file_is_wrong()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(QString, says);
        const auto accounts = parseScramFile(text);
        QVERIFY(!accounts);
        QCOMPARE(accounts.error().line, line);
        QCOMPARE(accounts.error().column, column);
        QVERIFY2(accounts.error().what.contains(says), qPrintable(accounts.error().what));
        QVERIFY2(!accounts.error().what.contains(QStringLiteral("hunter2")), "a secret in an error");
    }

    void reads_an_access_list()
    {
        const AccessList list =
            listOf("# for everybody\ntopic read news/#\n\nuser ann lee\ntopic own/#\r\n"
                   "topic deny own/secret\npattern write in/%c/%u\ntopic  write a topic with blanks\n");
        const AccessRules ann{{TopicAccess::ReadWrite, "own/#"},
                              {TopicAccess::Deny, "own/secret"},
                              {TopicAccess::Write, "a topic with blanks"}};
        QCOMPARE(list.anonymous, (AccessRules{{TopicAccess::Read, "news/#"}}));
        QCOMPARE(list.users.at("ann lee"), ann);
        QCOMPARE(list.patterns, (AccessRules{{TopicAccess::Write, "in/%c/%u"}}));
    }

    void says_where_an_access_list_is_wrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("says");
        QTest::newRow("keyword") << QByteArray("topic a\ntopics b") << 2 << 1 << "user, topic or pattern";
        QTest::newRow("access") << QByteArray("topic raed a/b") << 1 << 7 << "readwrite or deny";
        QTest::newRow("no filter") << QByteArray("topic") << 1 << 6 << "topic filter";
        QTest::newRow("no user") << QByteArray("user  ") << 1 << 5 << "user name";
        QTest::newRow("bad filter") << QByteArray("topic read a/#/b") << 1 << 12 << "last one";
        QTest::newRow("bad pattern") << QByteArray("pattern a+/%c") << 1 << 9 << "fills a level";
    }
    void says_where_an_access_list_is_wrong()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(QString, says);
        const auto list = parseAccessList(text);
        QVERIFY(!list);
        QCOMPARE(list.error().line, line);
        QCOMPARE(list.error().column, column);
        QVERIFY2(list.error().what.contains(says), qPrintable(list.error().what));
    }

    void decides_as_mosquitto_does_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<QByteArray>("clientId");
        QTest::addColumn<QByteArray>("topic");
        QTest::addColumn<QByteArray>("may");
        const auto row = [](const char *name, const char *text, const char *user, const char *id, const char *topic,
                            const char *may) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(user) << QByteArray(id) << QByteArray(topic)
                                << QByteArray(may);
        };
        row("nothing allows it", "", "", "c", "a", "");
        row("read only", "topic read a", "", "c", "a", "r");
        row("write only", "topic write a", "", "c", "a", "w");
        row("no word means both", "topic a", "", "c", "a", "rw");
        row("two rules add up", "topic read a\ntopic write a", "", "c", "a", "rw");
        row("a refusal stands first", "topic a/#\ntopic deny a/b", "", "c", "a/b", "");
        row("beside the refusal", "topic a/#\ntopic deny a/b", "", "c", "a/c", "rw");
        row("anonymous rules are not a user's", "topic a", "u", "c", "a", "");
        row("a user's rules are not anonymous", "user u\ntopic a", "", "c", "a", "");
        row("own rules before patterns", "user u\ntopic a\npattern deny a", "u", "c", "a", "rw");
        row("patterns hold for all", "user u\npattern read p/%c", "v", "c", "p/c", "r");
        row("pattern of another client", "pattern p/%c", "", "c", "p/d", "");
        row("pattern in a level", "pattern p/%c-%u", "u", "c", "p/c-u", "rw");
        row("pattern with user needs one", "pattern p/%u", "", "c", "p/", "");
        row("no wildcard by client id", "pattern p/%c", "", "#", "p/x", "");
        row("no wildcard by user name", "pattern p/%u", "+", "c", "p/x", "");
        row("a name is not filled in twice", "pattern p/%c", "u", "%u", "p/u", "");
        row("system topics by their name", "topic #\ntopic read $SYS/#", "", "c", "$SYS/x", "r");
        row("# is not for system topics", "topic #", "", "c", "$SYS/x", "");
    }
    void decides_as_mosquitto_does()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, user);
        QFETCH(QByteArray, clientId);
        QFETCH(QByteArray, topic);
        QFETCH(QByteArray, may);
        const ClientRights rights(listOf(text), user, clientId);
        QByteArray found;
        found += rights.mayRead(topic) ? "r" : "";
        found += rights.mayWrite(topic) ? "w" : "";
        QCOMPARE(found, may);
    }
};

QTEST_APPLESS_MAIN(AccessTest)
#include "tst_access.moc"
