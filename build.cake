// Targets behind ./build.sh, which fetches the tools and packages first and names the options.
#nullable enable
using System.Xml.Linq;

string target = Argument("target", "test");
bool cuda = Argument("cuda", false);
string filter = Argument("filter", "");
string arguments = Argument("arguments", "");

const string Solution = "Clouds.Native.sln";
const string Tests = "tests/Clouds.Tests/Clouds.Tests.csproj";
const string Cli = "src/Clouds.Cli/Clouds.Cli.csproj";
const string StandIn = "tools/Clouds.Emulator.Driver/Clouds.Emulator.Driver.csproj";
const string CudaForm = "artifacts/cuda/bin/Clouds.Tests/release_linux-x64";
DirectoryPath results = "artifacts/test-results";
string? cudaLibraries = null;
string? lastLine = null;

// One process a step keeps the script's own cost small; what follows the verb is dotnet's own command line.
void DotNet(string commandLine) => Run("dotnet", commandLine);

int Status(string program, string commandLine) => StartProcess(program, new ProcessSettings { Arguments = commandLine });

void Run(string program, string commandLine)
{
    int code = Status(program, commandLine);
    if (code != 0)
    {
        throw new CakeException($"{program} {commandLine}: exit code {code}");
    }
}

Task("restore").Does(() => DotNet($"restore {Solution} -v quiet"));

Task("build").Does(() => DotNet($"build {Solution} -c Release -v quiet -nologo"));

Task("lint").IsDependentOn("build").Does(() =>
{
    string scope = $"{Solution} --no-restore --verify-no-changes";
    Run("dotnet", $"format whitespace {scope}");
    Run("dotnet", $"format style {scope} --severity warn");
    DotNet($"test {Tests} -c Release --no-build -v quiet -nologo --filter FullyQualifiedName~Clouds.Tests.Architecture");
});

// Tests of kind "published" run the executable as it is published, with a library in the place of the NVIDIA driver's.
Task("published").WithCriteria(filter == "" || Wanted("published") || Wanted("gpu") || Wanted("cuda")).Does(() =>
{
    Provide("CLOUDS_TEST_EXECUTABLE", Executable);
    Provide("CLOUDS_TEST_STANDIN", () => Published("libcuda.so", ["tools/Clouds.Emulator", "tools/Clouds.Emulator.Driver"], folder =>
        $"publish {StandIn} -c Release -v quiet -nologo -p:CppCompilerAndLinker={Compiler()} -o {folder}"));
});

// Tests of kind "gpu" run in the CUDA form, over stand-ins for the CUDA libraries that are made to fit its provider.
Task("cuda-form").IsDependentOn("published").WithCriteria(filter == "" || Wanted("gpu") || Wanted("cuda")).Does(() =>
{
    string? driver = System.Environment.GetEnvironmentVariable("CLOUDS_TEST_STANDIN");
    string folder = System.IO.Path.GetFullPath("artifacts/published/cuda-libraries");
    string build = $"build {Tests} -c Release -v quiet -nologo -p:CloudsForm=cuda -p:RunAnalyzers=false";
    string make = $"tools/Clouds.CudaStandIn/build.sh {CudaForm}/libonnxruntime_providers_cuda.so {driver} {folder}";
    string? reason = driver is null ? System.Environment.GetEnvironmentVariable("CLOUDS_TEST_STANDIN_ABSENT")
        : Status("dotnet", build) != 0 ? "the CUDA form cannot be built"
        : Status("bash", make) != 0 ? "the stand-ins for the CUDA libraries cannot be made"
        : null;
    cudaLibraries = reason is null ? folder : null;
    System.Environment.SetEnvironmentVariable(reason is null ? "CLOUDS_TEST_CUDA" : "CLOUDS_TEST_CUDA_ABSENT", reason ?? folder);
});

Task("test").IsDependentOn("cuda-form").Does(() =>
{
    CleanDirectory(results);
    bool twice = cudaLibraries is not null;
    int code = twice && filter.StartsWith("Kind=gpu") ? 0 : Status("dotnet", TestCommand(Solution, twice ? "Kind!=gpu" : ""));
    if (twice)
    {
        System.Environment.SetEnvironmentVariable("LD_LIBRARY_PATH", cudaLibraries);
        code = Math.Max(code, Status("dotnet", TestCommand($"{Tests} --no-build -p:CloudsForm=cuda", "Kind=gpu")));
    }

    int failed = Summarize(GetFiles($"{results}/**/*.trx"), out int total);
    if (code != 0 || failed > 0 || total == 0)
    {
        throw new CakeException(total == 0 ? "no test ran" : $"{failed} tests failed, dotnet test exited with {code}");
    }
});

Task("demo").Does(() => Run(Executable(), $"demo --out artifacts/demo {arguments}"));

Task("bench").Does(() => Run(Executable(), $"bench {arguments}"));

Task("publish").Does(() =>
{
    string form = cuda ? "cuda" : "cpu";
    string folder = cuda ? "artifacts/linux-x64-cuda" : "artifacts/linux-x64";
    CleanDirectory(folder);
    DotNet(PublishCommand(form, folder));
    // The CUDA form's package brings TensorRT's provider along, which nothing here asks for.
    DeleteFiles($"{folder}/*tensorrt*");
    GetFiles($"{folder}/*").ToList().ForEach(Announce);
});

Task("pack").Does(() =>
{
    CleanDirectory("artifacts/packages");
    CleanDirectory("src/Clouds.Native/bin/Release");
    CleanDirectory("src/Clouds.Native.Training/bin/Release");
    DotNet("build src/Clouds.Native.Training/Clouds.Native.Training.csproj -c Release -v quiet -nologo");
    foreach (string project in (string[])["Clouds.Native", "Clouds.Native.ImageSharp"])
    {
        DotNet($"pack src/{project}/{project}.csproj -c Release -v quiet -nologo -o artifacts/packages");
    }

    GetFiles("artifacts/packages/*.nupkg").ToList().ForEach(Announce);
});

bool Wanted(string word) => filter.Contains(word, StringComparison.OrdinalIgnoreCase);

string TestCommand(string what, string kind)
{
    string only = string.Join('&', new[] { kind, filter == "" ? "" : $"({filter})" }.Where(part => part != ""));
    string filtered = only == "" ? "" : $" --filter \"{only}\"";
    return $"test {what} -c Release -v quiet -nologo --logger trx --logger \"console;verbosity=minimal\" --results-directory {results}{filtered}";
}

string PublishCommand(string form, string folder) => $"publish {Cli} -c Release -v quiet -nologo -p:CloudsForm={form} -o {folder}";

// What demo, bench and tests run: compiled ahead it starts sooner than what lies in the build's folder.
string Executable() => Published("clouds", ["src", "kernels", "models", "tools/Clouds.Emulator"], folder => PublishCommand("cpu", folder));

string Compiler() => new[] { "gcc", "clang" }.FirstOrDefault(name => Context.Tools.Resolve(name) is not null)
    ?? throw new CakeException("no C compiler (gcc or clang) to link it");

// Publishes unless the last run did so from the same sources; returns the file's path.
string Published(string file, string[] sources, Func<string, string> command)
{
    string folder = System.IO.Path.GetFullPath($"artifacts/published/{System.IO.Path.GetFileNameWithoutExtension(file)}");
    string stamp = $"{folder}.sources";
    string digest = Digest(sources);
    if (!FileExists($"{folder}/{file}") || !FileExists(stamp) || System.IO.File.ReadAllText(stamp) != digest)
    {
        CleanDirectory(folder);
        DotNet(command(folder));
        System.IO.File.WriteAllText(stamp, digest);
    }

    return $"{folder}/{file}";
}

// Tells the tests by a variable where something published is, or by another why it is not: they are skipped then.
void Provide(string variable, Func<string> publish)
{
    try
    {
        System.Environment.SetEnvironmentVariable(variable, publish());
    }
    catch (CakeException failure)
    {
        Console.WriteLine($"tests that need {variable} will be skipped: {failure.Message}");
        System.Environment.SetEnvironmentVariable($"{variable}_ABSENT", $"it could not be published: {failure.Message}");
    }
}

string Digest(string[] folders)
{
    char separator = System.IO.Path.DirectorySeparatorChar;
    IEnumerable<string> files = folders.SelectMany(folder => System.IO.Directory.EnumerateFiles(folder, "*", System.IO.SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{separator}bin{separator}") && !file.Contains($"{separator}obj{separator}"))
        .Concat(System.IO.Directory.EnumerateFiles(".", "Directory.*")).Concat(["global.json", "build.cake"]).Order();
    using System.Security.Cryptography.IncrementalHash hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
    foreach (string file in files)
    {
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(file));
        hash.AppendData(System.IO.File.ReadAllBytes(file));
    }

    return Convert.ToHexString(hash.GetHashAndReset());
}

void Announce(FilePath file)
    => Console.WriteLine($"{new System.IO.FileInfo(file.FullPath).Length / 1e6,8:N1} MB  {Context.Environment.WorkingDirectory.GetRelativePath(file)}");

// Sums the counters of all result files and names the tests that failed.
int Summarize(IEnumerable<FilePath> files, out int total)
{
    int passed = 0, failed = 0, skipped = 0;
    foreach (XElement result in files.SelectMany(file => XDocument.Load(file.FullPath).Descendants()).Where(element => element.Name.LocalName == "UnitTestResult"))
    {
        switch (result.Attribute("outcome")?.Value)
        {
            case "Passed": passed++; break;
            case "NotExecuted": skipped++; break;
            default: failed++; Console.WriteLine($"failed: {result.Attribute("testName")?.Value}"); break;
        }
    }

    total = passed + failed + skipped;
    lastLine = $"{passed} passed, {failed} failed, {skipped} skipped";
    return failed;
}

// Cake closes with a table of its own; a test run's counts have to come after it.
int exitCode = 0;
try
{
    RunTarget(target);
}
catch (Exception failure)
{
    Console.Error.WriteLine($"{target} failed: {(failure.InnerException ?? failure).Message}");
    exitCode = 1;
}

if (lastLine is not null)
{
    Console.Error.Flush();
    Console.WriteLine(lastLine);
}

Environment.Exit(exitCode);
