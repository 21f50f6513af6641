package endtoend_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"crmhook/shared/stage"
)

// person is somebody in front of the console in a browser.
type person struct {
	*operator
	tab context.Context
}

// stepTime bounds each thing that a person does.
const stepTime = time.Minute

// openBrowser makes a person with a key of an organization of the test's own. Whatever a page's script or the browser complains
// of fails the test.
func openBrowser(t *testing.T) *person {
	t.Helper()
	browser := os.Getenv("CRMHOOK_BROWSER")
	if browser == "" {
		t.Skip("needs a browser: scripts/test finds Chromium, or installs it where it may, and sets CRMHOOK_BROWSER")
	}
	p := &person{operator: openControl(t)}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	allocated, endBrowser := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(endBrowser)
	tab, endTab := chromedp.NewContext(allocated)
	t.Cleanup(endTab)
	p.tab = tab
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	go p.listen()
	return p
}

// listen fails the test for what goes wrong in the page: a script that breaks, or something that the page's policy forbids.
func (p *person) listen() {
	for message, err := range chromedp.Console(p.tab) {
		if err != nil {
			return
		}
		if message.IsException() || message.Source == "security" {
			p.Errorf("the browser complains: %s", message)
		}
	}
}

// do does things one after another, within a time.
func (p *person) do(actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, stepTime)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.shot("trouble")
		p.Fatalf("%v; the page shows:\n%.2000s", err, p.text())
	}
}

// visit goes to a page of the person's organization.
func (p *person) visit(path string) {
	p.Helper()
	p.do(chromedp.Navigate(p.stage.ConsoleURL + "/" + p.organization + path))
}

// signIn signs in with a key.
func (p *person) signIn(key string) {
	p.Helper()
	p.do(chromedp.Navigate(p.stage.ConsoleURL), chromedp.WaitVisible("#key"), chromedp.SendKeys("#key", key))
	p.press("Sign in")
}

// write puts a text in the field with an id, in place of what stands there.
func (p *person) write(id, text string) {
	p.Helper()
	p.do(chromedp.WaitVisible("#"+id), chromedp.SetValue("#"+id, text))
}

// press presses a button or follows a link with exactly this text, answers with yes what the page asks, and waits for the page
// that follows.
func (p *person) press(text string) {
	p.Helper()
	at := fmt.Sprintf(`//*[(self::button or self::a) and normalize-space(.)=%q]`, text)
	p.do(chromedp.WaitVisible(at), chromedp.Evaluate[chromedp.Void](`window.confirm = () => true; undefined`))
	ctx, cancel := context.WithTimeout(p.tab, stepTime)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(at)); err != nil {
		p.shot("trouble")
		p.Fatalf("press %s: %v; the page shows:\n%.2000s", text, err, p.text())
	}
}

// text is what the page shows.
func (p *person) text() string {
	ctx, cancel := context.WithTimeout(p.tab, 10*time.Second)
	defer cancel()
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return "nothing: " + err.Error()
	}
	return shown
}

// sees waits until the page shows all of the texts.
func (p *person) sees(texts ...string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.Context(), 2*time.Minute)
	defer cancel()
	err := stage.Wait(ctx, "the page to show "+strings.Join(texts, ", "), func() (bool, error) {
		shown := p.text()
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				return false, nil
			}
		}
		return true, nil
	})
	if err != nil {
		p.shot("trouble")
		p.Fatalf("%v; it shows:\n%.2000s", err, p.text())
	}
}

// shot keeps a picture of the whole page as test output.
func (p *person) shot(name string) {
	folder := filepath.Join("..", "..", ".crmhook", "screenshots")
	ctx, cancel := context.WithTimeout(p.tab, 20*time.Second)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644)
	}
	if err != nil {
		p.Errorf("picture %s: %v", name, err)
	}
}

// dark has pages shown in dark colours or not.
func (p *person) dark(is bool) {
	p.Helper()
	value := "light"
	if is {
		value = "dark"
	}
	p.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
		})
		return chromedp.Void{}, err
	})
}

// narrow makes the window a phone's, or a desk's.
func (p *person) narrow(is bool) {
	p.Helper()
	width, height := int64(1280), int64(900)
	if is {
		width, height = 360, 740
	}
	p.do(chromedp.EmulateViewport(width, height))
}

// fits says whether nothing makes the page wider than its window.
func (p *person) fits(path string) {
	p.Helper()
	wide, err := chromedp.Run(p.tab, chromedp.Evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`))
	if err != nil {
		p.Fatal(err)
	}
	if wide > 0 {
		p.Errorf("%s is %d pixels wider than a phone", path, wide)
	}
}
