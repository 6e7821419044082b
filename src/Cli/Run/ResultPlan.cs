using AkkaCompute.Cli.Client;
using AkkaCompute.Protocol;
using AkkaCompute.Protocol.Api;
using AkkaCompute.Protocol.Blobs;
using AkkaCompute.Protocol.Framing;

namespace AkkaCompute.Cli.Run;

/// <summary>Which files a job left, and where each belongs here.</summary>
internal sealed class ResultPlan
{
    private const int Parallel = 4;
    private const int PageTasks = 1000;

    /// <summary>Their list is in memory.</summary>
    private const int FilesMax = 1_000_000;

    /// <summary>Files and the blobs that they are made of: a file may name millions of small ones.</summary>
    private const int PiecesMax = 2_000_000;

    /// <summary>Files that a note names.</summary>
    private const int NamesMax = 5;

    /// <summary>Of the tasks that a note names.</summary>
    private const int TasksLengthMax = 100;

    private readonly string _folder;
    private readonly Func<string, bool> _isUsable;
    private readonly List<(string Target, TreeFile File)> _files = [];
    private readonly TaskSet _without = new();
    private readonly List<string> _unusable = [];
    private readonly NumberedFiles? _numbered;
    private string? _note;
    private int _unusableCount;
    private int _leftOutTasks;
    private long _pieces;

    private ResultPlan(JobView job, string folder, Func<string, bool> isUsable)
    {
        (Job, _folder, _isUsable) = (job, folder, isUsable);
        _numbered = job.Files is null ? null : new NumberedFiles(job.Files, job.Items ?? 0);
    }

    public JobView Job { get; }

    public IReadOnlyList<(string Target, TreeFile File)> Files => _files;

    /// <summary>What is joined to one file, in order.</summary>
    public List<(int Task, TreeFile File)> Parts { get; } = [];

    /// <summary>Where that file belongs; null when nothing is joined.</summary>
    public string? Joined { get; private set; }

    /// <summary>What is merged to one picture, in no order.</summary>
    public IReadOnlyList<(int Item, TreeFile File)> Tiles => _numbered!.Found;

    /// <summary>Where that picture belongs; null when none is merged.</summary>
    public string? Picture { get; private set; }

    /// <summary>Lines of why the parts stay apart, of what is missing, and of what can't come.</summary>
    public IEnumerable<string> Notes => new[] { _note, LeftOutNote(), UnusableNote() }.OfType<string>();

    /// <param name="isUsable">Whether a file of the tree can stand here; null asks this computer.</param>
    public static async Task<ResultPlan> OfAsync(PoolClient pool, JobView job, string folder, CancellationToken cancel, Func<string, bool>? isUsable = null)
    {
        var plan = new ResultPlan(job, folder, isUsable ?? TreePath.IsUsableHere);
        for (var first = 0; first < job.Tasks; first += PageTasks)
        {
            var tasks = await pool.GetAsync($"{Routes.Tasks(job.Id)}?first={first}&count={PageTasks}", ProtocolJson.Default.ListTaskView, cancel);
            if (tasks.Count == 0)
            {
                break; // the others may be made yet, or never
            }

            // A few trees at a time: what they have together is bounded only where they are added.
            foreach (var some in tasks.Chunk(Parallel))
            {
                var trees = await Task.WhenAll(some.Select(async task =>
                    task.ResultsDigest is { } digest ? Parse(await ResultFiles.BlobAsync(pool, digest, cancel)) : null));
                foreach (var (task, tree) in some.Zip(trees))
                {
                    plan.Add(task, tree);
                }
            }

            // They are dealt in order: behind a page of which none ever began, none did.
            if (tasks.TrueForAll(task => task.Attempt == 0))
            {
                if (first + PageTasks < job.Tasks)
                {
                    plan._without.Add(first + PageTasks, job.Tasks);
                }

                break;
            }
        }

        plan.Decide();
        return plan;
    }

    /// <summary>The parts land by task, as all other files do.</summary>
    public void LeaveApart(string reason)
    {
        _note = $"{Job.Join!.File} is not joined: {reason}; the parts are in {_folder}{Path.DirectorySeparatorChar}INDEX";
        Joined = null;
        _files.AddRange(Parts.Select(part => (Target(part.Task, part.File), part.File)));
        Parts.Clear();
    }

    /// <summary>The tiles land as they are.</summary>
    public void LeaveTiles(string reason)
    {
        _note = $"{Job.Files!.Grid!.Picture} is not merged: {reason}{(Tiles.Count > 0 ? $"; the tiles are in {_folder}" : "")}";
        Picture = null;
        AddNumbered();
    }

    private void Add(TaskView task, Tree? tree)
    {
        var hasPart = false;
        _leftOutTasks += task.HasLeftOut ? 1 : 0;
        foreach (var file in tree?.Files ?? [])
        {
            _pieces += 1 + file.Blobs.Count;
            if (!_isUsable(file.Path))
            {
                LeaveOut(task, file);
            }
            else if (!Job.IsSingle && file.Path == Job.Join?.File)
            {
                Parts.Add((task.Index, file));
                hasPart = task.State == "succeeded"; // a part of a task that failed may end anywhere
            }
            else if (_numbered?.TryAdd(file) != true)
            {
                _files.Add((Target(task.Index, file), file));
            }
        }

        if (!hasPart)
        {
            _without.Add(task.Index);
        }

        if (_files.Count + Parts.Count + (_numbered?.Found.Count ?? 0) > FilesMax)
        {
            throw new AkcException($"job {Job.Id} left more than {FilesMax} files: too many to be fetched at once");
        }

        if (_pieces > PiecesMax)
        {
            throw new AkcException($"job {Job.Id} left files of more than {PiecesMax} pieces: too many to be fetched at once");
        }
    }

    private void LeaveOut(TaskView task, TreeFile file)
    {
        _unusableCount++;
        if (_unusable.Count < NamesMax)
        {
            _unusable.Add(TreePath.Printable(Job.IsSingle ? file.Path : $"{task.Index}/{file.Path}"));
        }
    }

    private string? LeftOutNote() => _leftOutTasks == 0 ? null
        : $"some files of {(Job.IsSingle ? "the task" : _leftOutTasks == 1 ? "1 task" : $"{_leftOutTasks} tasks")} could not be sent back: 'akc logs {Job.Id}' names them";

    private string? UnusableNote() => _unusableCount == 0 ? null
        : $"{_unusableCount} {(_unusableCount == 1 ? "file has a name" : "files have names")} that can't be on Windows, and {(_unusableCount == 1 ? "is" : "are")} left out: "
            + $"{string.Join(", ", _unusable)}{(_unusableCount > _unusable.Count ? $" and {_unusableCount - _unusable.Count} more" : "")}; 'akc fetch {Job.Id}' on another system brings all";

    private void Decide()
    {
        if (_numbered is not null)
        {
            DecideNumbered();
        }

        if (Parts.Count == 0)
        {
            return;
        }

        if (_without.Count > 0)
        {
            var tasks = _without.ToString()!;
            LeaveApart($"the parts of these tasks are missing: {(tasks.Length > TasksLengthMax ? tasks[..TasksLengthMax] + "..." : tasks)}");
        }
        else if (!Job.HasEnded || Job.ItemsDone < Job.Items)
        {
            LeaveApart($"the job has done {Job.ItemsDone} of {Job.Items} records");
        }
        else
        {
            Joined = Path.Combine(_folder, Native(Job.Join!.File));
        }
    }

    private void DecideNumbered()
    {
        if (Job.Files!.Grid is not { } grid)
        {
            _note = _numbered!.AreAll ? null : _numbered.Missing();
            AddNumbered();
        }
        else if (!_isUsable(grid.Picture))
        {
            LeaveTiles("its name can't be on Windows");
        }
        else if (_numbered!.AreAll)
        {
            Picture = Path.Combine(_folder, Native(grid.Picture));
        }
        else
        {
            LeaveTiles(_numbered.Missing());
        }
    }

    private void AddNumbered() => _files.AddRange(_numbered!.Found.OrderBy(found => found.Item).Select(found => (Path.Combine(_folder, Native(found.File.Path)), found.File)));

    private string Target(int task, TreeFile file) => Path.Combine(Job.IsSingle ? _folder : Path.Combine(_folder, $"{task}"), Native(file.Path));

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);

    private static Tree Parse(byte[] bytes)
    {
        try
        {
            return Tree.Parse(bytes);
        }
        catch (FormatException e)
        {
            throw new AkcException($"the list of result files can't be used: {e.Message}", ExitCodes.Failed, e);
        }
    }
}
