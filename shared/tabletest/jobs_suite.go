package tabletest

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

// JobsAPI is what the fake and table.Backlog both are.
type JobsAPI interface {
	BacklogAPI
	Jobs(ctx context.Context, lane backlog.Lane) ([]job.Job, error)
	SaveJob(ctx context.Context, j job.Job) (bool, error)
	DropJob(ctx context.Context, j job.Job) error
	KeepNumbers(ctx context.Context, lane backlog.Lane, id string, pieces [][]string, expires time.Time) error
	Numbers(ctx context.Context, lane backlog.Lane, id string, piece int) ([]string, error)
}

// jobsAsked are jobs and how they come about.
type jobsAsked struct {
	JobsAPI
	asked AskedAPI
}

// RunJobs checks what manage and dispatch rely on; each check has an organization of its own.
func RunJobs(t *testing.T, jobs JobsAPI, asked AskedAPI) {
	t.Helper()
	api := jobsAsked{jobs, asked}
	for name, check := range map[string]func(*testing.T, jobsAsked){
		"a job lives": jobLives, "of two runs one saves": oneSavesJob, "a job is kept whole": jobWhole, "a file's numbers": numbersKept,
		"a job of no interface": jobOfNone, "a sweep takes the numbers": sweepTakesNumbers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

func jobOf(lane backlog.Lane, id string) job.Job {
	return job.Job{Lane: lane, ID: id, Kind: job.All, At: kept(suiteTime)}
}

func putJob(t *testing.T, api jobsAsked, j job.Job) {
	t.Helper()
	if fresh, err := api.asked.Put(t.Context(), j, j.Entry(j.At, "t"), nil, time.Time{}); err != nil || !fresh {
		t.Fatalf("put a job: new %v, error %v", fresh, err)
	}
}

func checkJobs(t *testing.T, api jobsAsked, lane backlog.Lane, want ...job.Job) {
	t.Helper()
	got, err := api.Jobs(t.Context(), lane)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("jobs differ (-want +got):\n%s", diff)
	}
}

func saveJob(t *testing.T, api jobsAsked, j job.Job, want bool) {
	t.Helper()
	if saved, err := api.SaveJob(t.Context(), j); err != nil || saved != want {
		t.Errorf("saved: %v, error %v, want %v", saved, err, want)
	}
}

func jobLives(t *testing.T, api jobsAsked) {
	lane := laneOfItsOwn()
	later := backlog.Lane{Organization: lane.Organization, Interface: lane.Interface, Generation: "g2"}
	checkJobs(t, api, lane)
	second, first, other := jobOf(lane, "b"), jobOf(lane, "a"), jobOf(later, "a")
	putJob(t, api, second)
	putJob(t, api, first)
	putJob(t, api, other)
	checkJobs(t, api, lane, first, second)
	first.Position = "contact/1"
	saveJob(t, api, first, true)
	saveJob(t, api, first, false)
	first.Revision++
	checkJobs(t, api, lane, first, second)
	first.Position = "contact/2"
	saveJob(t, api, first, true)
	for range 2 {
		if err := api.DropJob(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	first.Revision++
	saveJob(t, api, first, false)
	checkJobs(t, api, lane, second)
	checkJobs(t, api, later, other)
}

func oneSavesJob(t *testing.T, api jobsAsked) {
	j := jobOf(laneOfItsOwn(), "a")
	putJob(t, api, j)
	winner := atOnce(t, 6, func(n int) (bool, error) {
		mine := j
		mine.Position = strconv.Itoa(n)
		return api.SaveJob(t.Context(), mine)
	})
	j.Position, j.Revision = strconv.Itoa(winner), 1
	checkJobs(t, api, j.Lane, j)
}

func jobWhole(t *testing.T, api jobsAsked) {
	lane := laneOfItsOwn()
	j := job.Job{
		Lane: lane, ID: "a", Kind: job.Replay, At: kept(suiteTime), Schedule: "each minute", Identifiers: oddNames(), Pieces: 3, Numbers: 70, Execution: "e1",
		Matching: job.Matching{Interface: "crm", Record: "contact/1", Since: kept(suiteTime), Until: kept(suiteTime.Add(time.Hour))},
		Position: oddNames()[0],
	}
	for len(j.Identifiers) < job.MostIdentifiers {
		j.Identifiers = append(j.Identifiers, fmt.Sprint(len(j.Identifiers)))
	}
	putJob(t, api, j)
	checkJobs(t, api, lane, j)
	saveJob(t, api, j, true)
	j.Revision = 1
	checkJobs(t, api, lane, j)
}

func numbersKept(t *testing.T, api jobsAsked) {
	lane := laneOfItsOwn()
	j := jobOf(lane, "a")
	j.Kind, j.Pieces = job.File, 30
	pieceOf := func(n int) []string {
		if n%2 == 1 {
			return oddNames()
		}
		numbers := make([]string, []int{15_000, 1}[min(n, 1)])
		for i := range numbers {
			numbers[i] = fmt.Sprintf("%020d", n*15_000+i)
		}
		return numbers
	}
	for range 2 {
		pieces := make([][]string, j.Pieces)
		for n := range pieces {
			pieces[n] = pieceOf(n)
		}
		if err := api.KeepNumbers(t.Context(), lane, "a", pieces, suiteTime); err != nil {
			t.Fatal(err)
		}
	}
	if err := api.KeepNumbers(t.Context(), lane, "b", [][]string{{"1"}}, suiteTime); err != nil {
		t.Fatal(err)
	}
	putJob(t, api, j)
	for _, n := range []int{0, 1, 28, 29} {
		checkNumbers(t, api, lane, "a", n, pieceOf(n))
	}
	checkNumbers(t, api, lane, "a", 30, nil)
	checkJobs(t, api, lane, j)
	if err := api.DropJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	for n := range j.Pieces {
		checkNumbers(t, api, lane, "a", n, nil)
	}
	checkNumbers(t, api, lane, "b", 0, []string{"1"})
}

func checkNumbers(t *testing.T, api jobsAsked, lane backlog.Lane, id string, piece int, want []string) {
	t.Helper()
	got, err := api.Numbers(t.Context(), lane, id, piece)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("piece %d of %s differs, error %v (-want +got):\n%s", piece, id, err, diff)
	}
}

func jobOfNone(t *testing.T, api jobsAsked) {
	lane := backlog.Lane{Organization: organizationOfItsOwn()}
	j := jobOf(lane, "a")
	putJob(t, api, j)
	checkJobs(t, api, lane, j)
	checkJobs(t, api, backlog.Lane{Organization: organizationOfItsOwn()})
}

func sweepTakesNumbers(t *testing.T, api jobsAsked) {
	lane, other := laneOfItsOwn(), laneOfItsOwn()
	for _, of := range []backlog.Lane{lane, other} {
		if err := api.KeepNumbers(t.Context(), of, "a", [][]string{{"1"}}, suiteTime); err != nil {
			t.Fatal(err)
		}
	}
	if more, err := api.Sweep(t.Context(), lane, 100); err != nil || more {
		t.Errorf("more: %v, error %v", more, err)
	}
	checkNumbers(t, api, lane, "a", 0, nil)
	checkNumbers(t, api, other, "a", 0, []string{"1"})
}
