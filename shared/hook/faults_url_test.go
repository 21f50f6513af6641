package hook_test

func urlFaults() map[string]faulty {
	const (
		right   = "url: the placeholder must be written ${contactNumber}"
		holds   = "url: must hold ${contactNumber} in its path or query"
		in2     = "url: must hold no placeholder: contact-webhook-v2 sends the contacts in the body"
		noHTTP  = `url: must start with https:// (or write "allowHttp":true to send over plain http)`
		scheme  = "url: must start with https:// or http://"
		host    = "url: must name a host of letters, digits, dots and hyphens, or an IP address"
		noHost  = "url: must name a host, such as https://crm.example.com/contacts"
		badPort = "url: must have a port of 1 to 65535, or none"
	)
	one := func(url string) string { return v1("url", `"`+url+`"`) }
	two := func(url string) string { return v2("url", `"`+url+`"`) }
	return map[string]faulty{
		"document: no dollar":     {one("http://dev.environment.com/?data={contactNumber}"), []string{right}},
		"document: contact id":    {one("http://dev.environment.com/?data=${contact id}"), []string{right}},
		"dollar only":             {one("http://dev.environment.com/$contactNumber"), []string{right}},
		"case":                    {one("http://dev.environment.com/${ContactNumber}"), []string{right}},
		"encoded":                 {one("http://dev.environment.com/$%7BcontactNumber%7D"), []string{right}},
		"another name":            {one("http://dev.environment.com/${email}"), []string{right}},
		"right and wrong":         {one("http://dev.environment.com/${contactNumber}/{contactNumber}"), []string{right}},
		"not closed":              {one("http://dev.environment.com/${contactNumber"), []string{right}},
		"double":                  {one("http://dev.environment.com/{{contactNumber}}"), []string{right}},
		"GET without":             {one("http://dev.environment.com/"), []string{holds}},
		"POST without":            {v1("url", `"http://dev.environment.com/"`, "method", `"POST"`), []string{holds + ", or the payload must hold it"}},
		"POST, payload without":   {v1("url", `"http://dev.environment.com/"`, "method", `"POST"`, "payload", `{"a":1}`), []string{holds + ", or the payload must hold it"}},
		"in the host":             {one("http://${contactNumber}.example.com/"), []string{"url: ${contactNumber} must stand in the path or the query, not in the host"}},
		"in the host alone":       {one("http://${contactNumber}"), []string{"url: ${contactNumber} must stand in the path or the query, not in the host"}},
		"as user":                 {one("http://${contactNumber}@example.com/"), []string{"url: must not hold a user or password: write them as authentication"}},
		"V2 with, http":           {two("http://crm.example.com/${contactNumber}"), []string{in2, noHTTP}},
		"wrong and fragment":      {one("http://dev.environment.com/{{contactNumber}}#"), []string{right, "url: must not have a fragment (# in column 45), which is never sent"}},
		"V2 with":                 {two("https://crm.example.com/${contactNumber}"), []string{in2}},
		"V2 with a wrong one":     {two("https://crm.example.com/{contactNumber}"), []string{in2}},
		"missing":                 {v2("url", ""), []string{"url: is missing: write the receiver's address, such as https://crm.example.com/contacts"}},
		"missing in V1":           {v1("url", ""), []string{"url: is missing: write the receiver's address, such as https://crm.example.com/contacts/${contactNumber}"}},
		"empty":                   {two(""), []string{"url: must not be empty"}},
		"null":                    {v2("url", "null"), []string{"url: must be a string, found null"}},
		"document: TEST":          {two("TEST-https://postman-echo.com/post"), []string{scheme}},
		"no scheme":               {two("crm.example.com/contacts"), []string{scheme}},
		"relative":                {two("/contacts"), []string{scheme}},
		"ftp":                     {two("ftp://crm.example.com/"), []string{scheme}},
		"opaque":                  {two("https:crm.example.com"), []string{noHost}},
		"no host":                 {two("https:///contacts"), []string{noHost}},
		"only a port":             {two("https://:443/contacts"), []string{noHost}},
		"user":                    {two("https://s360:pw@crm.example.com/"), []string{"url: must not hold a user or password: write them as authentication"}},
		"fragment":                {two("https://crm.example.com/#top"), []string{"url: must not have a fragment (# in column 25), which is never sent"}},
		"fragment, column":        {one("http://crm.example.com/${contactNumber}#"), []string{"url: must not have a fragment (# in column 40), which is never sent"}},
		"blank":                   {two("https://crm.example.com/a b"), []string{`url: holds ' ' in column 26, which must be percent-encoded (in a host: written as xn--…)`}},
		"letter":                  {two("https://crm.example.com/é"), []string{`url: holds 'é' in column 25, which must be percent-encoded (in a host: written as xn--…)`}},
		"line":                    {two(`https://crm.example.com/\n`), []string{`url: holds '\n' in column 25, which must be percent-encoded (in a host: written as xn--…)`}},
		"brace":                   {two("https://crm.example.com/a}"), []string{`url: holds '}' in column 26, which must be percent-encoded (in a host: written as xn--…)`}},
		"brace in V1":             {one("http://${contactNumber}.example.com/{"), []string{`url: holds '{' in column 37, which must be percent-encoded (in a host: written as xn--…)`}},
		"percent":                 {two("https://crm.example.com/?a=5%"), []string{"url: has a % in column 29 that two hexadecimal digits must follow: write %25 for the sign itself"}},
		"port":                    {two("https://crm.example.com:0/"), []string{badPort}},
		"port high":               {two("https://crm.example.com:65536/"), []string{badPort}},
		"port empty":              {two("https://crm.example.com:/"), []string{badPort}},
		"port of letters":         {two("https://crm.example.com:http/"), []string{"url: must be a URL such as https://crm.example.com/contacts: invalid port"}},
		"host":                    {two("https://crm..example.com/"), []string{host}},
		"host with hyphen":        {two("https://-crm.example.com/"), []string{host}},
		"host encoded":            {two("https://crm%41.example.com/"), []string{"url: must be a URL such as https://crm.example.com/contacts: invalid URL escape"}},
		"IPv6 zone":               {two("https://[fe80::1%25eth0]/"), []string{host}},
		"http":                    {two("http://crm.example.com/"), []string{noHTTP}},
		"http, false":             {v2("url", `"http://crm.example.com/"`, "allowHttp", `false`), []string{noHTTP}},
		"http in V1, false":       {v1("allowHttp", `false`), []string{noHTTP}},
		"http to another network": {two("http://10.0.0.1/"), []string{noHTTP}},
	}
}

func payloadFaults() map[string]faulty {
	const right = "the placeholder must be written ${contactNumber}"
	post := func(payload string) string { return v1("method", `"POST"`, "payload", payload) }
	return map[string]faulty{
		"method":            {v1("method", `"get"`), []string{"method: must be GET or POST"}},
		"method's type":     {v1("method", `1`), []string{"method: must be a string, found a number"}},
		"GET":               {v1("payload", `{}`), []string{`payload: is sent with POST only: write "method":"POST" or remove it`}},
		"no method":         {v1("method", "", "payload", `{}`), []string{"method: is missing: a payload needs POST"}},
		"not JSON":          {post(`"hello"`), []string{"payload: must be a JSON value or a string that holds JSON text; the text is not valid JSON at line 1, column 1: invalid character 'h' looking for beginning of value"}},
		"empty text":        {post(`""`), []string{"payload: must be a JSON value or a string that holds JSON text; the text must be a JSON object, found nothing"}},
		"bare placeholder":  {post(`"{\"n\":${contactNumber}}"`), []string{`payload: must be a JSON value or a string that holds JSON text; the text is not valid JSON at line 1, column 6: invalid character '$' looking for beginning of value (the placeholder stands inside a string: "${contactNumber}")`}},
		"text: placeholder": {post(`"{\"n\":\"{contactNumber}\"}"`), []string{"payload: " + right}},
		"placeholder":       {post(`{"n":["${contactId}"]}`), []string{"payload.n[0]: " + right}},
		"dollar only":       {post(`{"n":"$contactNumber"}`), []string{"payload.n: " + right}},
		"key":               {post(`{"{contact id}":1}`), []string{`payload["{contact id}"]: ` + right}},
		"text: twice":       {post(`"{\"n\":1,\"n\":2}"`), []string{"payload: in the JSON text, n is given twice: keep one of them"}},
	}
}
