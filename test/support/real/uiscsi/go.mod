module lunascope.test/uiscsi

go 1.25

require github.com/uiscsi/uiscsi v1.4.1
