using Clouds.Cli.Runs;
using Clouds.Tests.Server.Page;
using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace Clouds.Tests.Cli.Runs;

/// <summary>The page of a run in a real browser, as wide as a phone, without scripts.</summary>
[Kind(TestKind.Fast)]
public sealed class RunPageBrowserTests : IAsyncLifetime
{
    // A phone of the smallest width that is still common.
    private const int Phone = 360;

    private readonly TemporaryFolder _folder = new();
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _browser = BrowserFactAttribute.Executable is not string path ? null : await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            UserDataDir = _folder["profile"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [BrowserFact]
    public async Task Page_OnAPhone_FitsItsWidthAndItsLettersAreLargeEnough()
    {
        await using IPage page = await Open(Phone);
        Assert.Equal(Phone, await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"));
        Assert.True(await page.EvaluateExpressionAsync<double>(
            "Math.min(...[...document.querySelectorAll('svg')].map(one => 16 * one.getBoundingClientRect().width / one.viewBox.baseVal.width))") >= 10);
        Assert.True(await page.EvaluateExpressionAsync<bool>(
            "[...document.querySelectorAll('svg')].every(one => one.getBoundingClientRect().right <= innerWidth && one.getBoundingClientRect().left >= 0)"));
    }

    [BrowserFact]
    public async Task Page_OnAWideScreen_HasTwoChartsBesideEachOther()
    {
        await using IPage page = await Open(1200);
        Assert.Equal(2, await page.EvaluateExpressionAsync<int>(
            "(tops => tops.filter(top => top === tops[0]).length)([...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect().top))"));
    }

    [BrowserFact]
    public async Task Page_ReaderLikesTheDark_IsDark()
    {
        await using IPage page = await Open(Phone);
        const string Brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, one) => sum + +one, 0)";
        Assert.True(await page.EvaluateExpressionAsync<int>(Brightness) > 600);
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = "dark" }]);
        Assert.True(await page.EvaluateExpressionAsync<int>(Brightness) < 150);
    }

    private async Task<IPage> Open(int width)
    {
        string deep = _folder[$"runs/{new string('x', 80)}"];
        WrittenRun.History(deep, 300);
        WrittenRun.Describe(deep, ("training.steps", "300"), ("training.from", $"/{new string('y', 120)}/model.safetensors"));
        WrittenRun.History(_folder["runs/b"], 300, loss: 3);
        RunPage.Make([RunFiles.Read(deep), RunFiles.Read(_folder["runs/b"])]).Save(_folder["page.html"]);
        IPage page = await _browser!.NewPageAsync();
        await page.SetJavaScriptEnabledAsync(false);
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 700 });
        await page.GoToAsync($"file://{_folder["page.html"]}");
        return page;
    }
}
