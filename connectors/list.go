// Package connectors is the list of all connectors: adding one is adding its folder
// and its line here.
package connectors

import (
	"jackfield/connectors/core"
	"jackfield/connectors/csv"
	"jackfield/connectors/declared"
	"jackfield/connectors/feed"
	"jackfield/connectors/files"
	"jackfield/connectors/ftp"
	"jackfield/connectors/graphql"
	"jackfield/connectors/http"
	"jackfield/connectors/imap"
	"jackfield/connectors/json"
	"jackfield/connectors/kit"
	"jackfield/connectors/ldap"
	"jackfield/connectors/mysql"
	"jackfield/connectors/openapi"
	"jackfield/connectors/postgres"
	"jackfield/connectors/process"
	"jackfield/connectors/redis"
	"jackfield/connectors/s3"
	"jackfield/connectors/smtp"
	"jackfield/connectors/soap"
	"jackfield/connectors/sqlite"
	"jackfield/connectors/ssh"
	"jackfield/connectors/webdav"
	"jackfield/connectors/xml"
	"jackfield/connectors/xmlrpc"
	"jackfield/connectors/yaml"
)

// All makes every connector, in the order of the palette. home is the folder of those
// that keep something between runs. Who makes a set closes it.
func All(home string) kit.Set {
	return kit.Set{
		core.New(),
		files.New(),
		csv.New(),
		json.New(),
		xml.New(),
		yaml.New(),
		http.New(),
		graphql.New(),
		feed.New(),
		xmlrpc.New(),
		process.New(),
		sqlite.New(),
		postgres.New(),
		mysql.New(),
		redis.New(),
		ssh.New(home, csv.New(), json.New()),
		s3.New(csv.New(), json.New()),
		ftp.New(csv.New(), json.New()),
		webdav.New(csv.New(), json.New()),
		smtp.New(),
		imap.New(),
		ldap.New(),
	}
}

// loaders are the kinds of files that describe connectors. Of those that know a file the
// first one makes its connector.
func loaders() []kit.Loader {
	return []kit.Loader{
		declared.Loader(),
		declared.AirbyteLoader(),
		openapi.Loader(),
		soap.Loader(),
	}
}
