<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>sessionscope::BrokerPanel</name>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n message</numerusform>
            <numerusform>%n messages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::ClientPage</name>
    <message numerus="yes">
        <source>%n more difference(s).</source>
        <translation>
            <numerusform>%n more difference.</numerusform>
            <numerusform>%n more differences.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::ClientPanel</name>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n message</numerusform>
            <numerusform>%n messages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::FindingLabel</name>
    <message numerus="yes">
        <source>%n more finding(s)</source>
        <translation>
            <numerusform>%n more finding</numerusform>
            <numerusform>%n more findings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::MainWindow</name>
    <message numerus="yes">
        <source>%n profile(s) imported.</source>
        <translation>
            <numerusform>%n profile imported.</numerusform>
            <numerusform>%n profiles imported.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n problem(s) in profiles; the first: %1</source>
        <translation>
            <numerusform>%n problem in profiles: %1</numerusform>
            <numerusform>%n problems in profiles; the first: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n session(s)</source>
        <translation>
            <numerusform>%n session</numerusform>
            <numerusform>%n sessions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n step(s)</source>
        <translation>
            <numerusform>%n step</numerusform>
            <numerusform>%n steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::RecordingDialog</name>
    <message numerus="yes">
        <source>%n step(s) in %1.</source>
        <translation>
            <numerusform>%n step in %1.</numerusform>
            <numerusform>%n steps in %1.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::SessionHeader</name>
    <message numerus="yes">
        <source>≠ %n difference(s)</source>
        <translation>
            <numerusform>≠ %n difference</numerusform>
            <numerusform>≠ %n differences</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::StatusLine</name>
    <message numerus="yes">
        <source>%n client(s)</source>
        <translation>
            <numerusform>%n client</numerusform>
            <numerusform>%n clients</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n session(s)</source>
        <translation>
            <numerusform>%n session</numerusform>
            <numerusform>%n sessions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n packet(s)</source>
        <translation>
            <numerusform>%n packet</numerusform>
            <numerusform>%n packets</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n oldest record(s) dropped</source>
        <translation>
            <numerusform>%n oldest record dropped</numerusform>
            <numerusform>%n oldest records dropped</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n record(s) skipped while the window was busy</source>
        <translation>
            <numerusform>%n record skipped while the window was busy</numerusform>
            <numerusform>%n records skipped while the window was busy</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sessionscope::TableView</name>
    <message numerus="yes">
        <source>(%n more row(s) not copied)</source>
        <translation>
            <numerusform>(%n more row not copied)</numerusform>
            <numerusform>(%n more rows not copied)</numerusform>
        </translation>
    </message>
</context>
</TS>
