using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Server.Options;
using Clouds.Tests.Server.Hosting;
using PuppeteerSharp;
using PuppeteerSharp.Input;

namespace Clouds.Tests.Server.Page;

/// <summary>The page in a real browser: what a person does there, and that nothing is asked of anybody but the server.</summary>
[Kind(TestKind.Fast)]
public sealed class PageTests : IAsyncLifetime
{
    private static readonly RgbImage Image = Pictures.Noise(96, 64);

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _asked = [];
    private readonly List<string> _complaints = [];
    private IBrowser? _browser;
    private RunningServer _running = null!;
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        ImageFile.WritePng(_folder["open/first.png"], Image);
        ImageFile.WritePng(_folder["open/second.png"], Pictures.Gradient(64, 96));
        _running = await RunningServer.Start(new ServerOptions { Folder = _folder["open"] }, sam: true);
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
        await _running.DisposeAsync();
        _folder.Dispose();
    }

    [BrowserFact]
    public async Task Folder_ImageIsClicked_ShowsItsClassesWithTheirShares()
    {
        await Open();
        await Click("#images button");
        await Until("document.querySelectorAll('#legend button').length > 0");
        ushort[] labels = _running.Labels(Image);
        string[] expected = [.. labels.GroupBy(id => id).OrderByDescending(group => group.Count()).ThenBy(group => group.Key)
            .Select(group => _running.Classes.Names[group.Key])];
        Assert.Equal(expected, await _page.EvaluateExpressionAsync<string[]>("[...document.querySelectorAll('#legend span')].map(one => one.textContent)"));
        Assert.Equal(1.0, await _page.EvaluateExpressionAsync<double>(
            "[...document.querySelectorAll('#legend data')].reduce((sum, one) => sum + +one.value, 0)"), 1e-9);
        await HoverOver(10, 20);
        Assert.Equal(_running.Classes.Names[labels[(20 * 96) + 10]], await Text("#hover"));
        await Clean();
    }

    [BrowserFact]
    public async Task Overlay_KeysAndLegend_ChangeWhatIsSeen()
    {
        await Open();
        await Click("#images button");
        await Until("document.querySelectorAll('#legend button').length > 0");
        await _page.Keyboard.PressAsync("Space");
        Assert.Equal("0", await _page.EvaluateExpressionAsync<string>("document.getElementById('overlay').style.opacity"));
        await _page.Keyboard.PressAsync("Space");
        Assert.Equal("0.55", await _page.EvaluateExpressionAsync<string>("document.getElementById('overlay').style.opacity"));
        await Click("#legend button");
        Assert.Equal("true", await _page.EvaluateExpressionAsync<string>("document.querySelector('#legend button').ariaPressed"));
        await _page.Keyboard.PressAsync("ArrowRight");
        await Until("document.getElementById('where').textContent === 'second.png'");
        await Clean();
    }

    [BrowserFact]
    public async Task Objects_PointsAndBox_GiveMasksAtOnce()
    {
        await Open();
        await Click("#images button");
        await Until("document.querySelectorAll('#legend button').length > 0");
        await _page.Keyboard.PressAsync("p");
        await Until("document.getElementById('busy').hidden");
        (decimal x, decimal y) = await At(30, 20);
        await _page.Mouse.ClickAsync(x, y);
        await Until("document.querySelectorAll('#masks button').length === 3");
        (decimal outX, decimal outY) = await At(36, 24);
        await _page.Mouse.ClickAsync(outX, outY, new ClickOptions { Button = MouseButton.Right });
        await _page.Mouse.MoveAsync(x - 40, y - 40);
        await _page.Mouse.DownAsync();
        await _page.Mouse.MoveAsync(x + 90, y + 80, new MoveOptions { Steps = 4 });
        await _page.Mouse.UpAsync();
        await Until("document.querySelectorAll('#masks button').length === 3");
        await Until("document.getElementById('busy').hidden");
        string[] drawn = await Drawn((30, 20), (36, 24));
        Assert.Equal(["green", "red"], drawn);
        await _page.Keyboard.PressAsync("Escape");
        Assert.Equal(0, await _page.EvaluateExpressionAsync<int>("document.querySelectorAll('#masks button').length"));
        await Clean();
    }

    [BrowserFact]
    public async Task Refine_OfTheClasses_ShowsBeforeAfterAndXray()
    {
        await Open();
        await Click("#images button");
        await Until("document.querySelectorAll('#legend button').length > 0");
        await _page.Keyboard.PressAsync("r");
        await Until("!document.getElementById('xray').hidden");
        await _page.Keyboard.PressAsync("b");
        Assert.Equal("true", await _page.EvaluateExpressionAsync<string>("document.getElementById('before').ariaPressed"));
        await _page.Keyboard.PressAsync("x");
        await Until("document.getElementById('sheet').open");
        IFrame frame = await (await _page.QuerySelectorAsync("#page")).ContentFrameAsync();
        await frame.WaitForSelectorAsync("p");
        Assert.StartsWith("first.png: ", await frame.EvaluateExpressionAsync<string>("document.body.textContent"), StringComparison.Ordinal);
        await Clean();
    }

    [BrowserFact]
    public Task Refine_LabelsOfAFile_AreShownRefinedAndXrayed() => RefineLabelsOfAFile();

    [BrowserFact]
    public async Task Refine_LabelsOfAFileWithoutASegmenter_AreShownRefinedAndXrayed()
    {
        await _running.DisposeAsync();
        _running = await RunningServer.Start(new ServerOptions { Folder = _folder["open"] }, sam: true, segmenter: false);
        await RefineLabelsOfAFile();
    }

    private async Task RefineLabelsOfAFile()
    {
        LabelMap labels = new(96, 64, [.. Enumerable.Range(0, 96 * 64).Select(i => (ushort)(i % 96 < 40 ? 10 : 2))]);
        LabelPng.WritePalette(_folder["mine.png"], labels, ClassSet.Cityscapes.Colours);
        LabelPng.WriteGray8(_folder["other.png"], new LabelMap(5, 5));
        await Open();
        await Click("#images button");
        await Until("document.getElementById('where').textContent === 'first.png'");
        await Click("[data-tool=classes]");
        await Until("document.getElementById('busy').hidden && !document.getElementById('classes').hidden");
        IElementHandle input = await _page.QuerySelectorAsync("#labelsfile");
        await input.UploadFileAsync(_folder["mine.png"]);
        await Until("document.getElementById('took').textContent.endsWith('mine.png')");
        Assert.Equal([ClassSet.Cityscapes.Names[2], ClassSet.Cityscapes.Names[10]],
            await _page.EvaluateExpressionAsync<string[]>("[...document.querySelectorAll('#legend span')].map(one => one.textContent)"));
        await _page.Keyboard.PressAsync("r");
        await Until("!document.getElementById('xray').hidden");
        Assert.Contains("of 2 components", await Text("#took"), StringComparison.Ordinal);
        await _page.Keyboard.PressAsync("x");
        await Until("document.getElementById('sheet').open");
        IFrame frame = await (await _page.QuerySelectorAsync("#page")).ContentFrameAsync();
        await frame.WaitForSelectorAsync("p");
        Assert.Equal("first.png: 2 components", await frame.EvaluateExpressionAsync<string>("document.body.textContent"));
        await Clean();
        await _page.Keyboard.PressAsync("Escape");
        await input.UploadFileAsync(_folder["other.png"]);
        await Until("!document.getElementById('failure').hidden");
        Assert.Equal("the labels have another size than the image", await Text("#what"));
    }

    [BrowserFact]
    public async Task File_ThatIsNoImage_IsToldInWords()
    {
        await Open();
        File.WriteAllText(_folder["broken.png"], "no image");
        IElementHandle input = await _page.QuerySelectorAsync("#file");
        await input.UploadFileAsync(_folder["broken.png"]);
        await Until("!document.getElementById('failure').hidden");
        Assert.Equal("the image cannot be decoded", await Text("#what"));
        Assert.Contains("next: ", await Text("#details"), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Page_WithoutToken_SaysWhereItIs()
    {
        await Visit(_running.Server.Address.ToString());
        await Until("!document.getElementById('failure').hidden");
        Assert.Equal("the token is missing or wrong", await Text("#what"));
    }

    [BrowserFact]
    public async Task Page_WidthOfAPhone_NeedsNoScrollingToTheSide()
    {
        await Open(width: 375, height: 740);
        await Click("#images button");
        await Until("document.querySelectorAll('#legend button').length > 0");
        Assert.True(await _page.EvaluateExpressionAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        Assert.InRange(await _page.EvaluateExpressionAsync<double>("document.getElementById('frame').getBoundingClientRect().width"), 200, 375);
        await Clean();
    }

    private async Task Open(int width = 1200, int height = 800)
    {
        await Visit(_running.Server.PageUrl, width, height);
        await Until("document.querySelectorAll('#images button').length === 2");
        Assert.DoesNotContain(_running.Token, _page.Url, StringComparison.Ordinal);
    }

    private async Task Visit(string url, int width = 1200, int height = 800)
    {
        _page = await _browser!.NewPageAsync();
        await _page.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });
        _page.Request += (_, call) => _asked.Add(call.Request.Url);
        _page.Console += (_, call) => _complaints.Add(call.Message.Text);
        _page.PageError += (_, call) => _complaints.Add(call.Message);
        await _page.GoToAsync(url);
    }

    // Nothing was asked of anybody else, no rule of the policy was broken, and no script failed.
    private async Task Clean()
    {
        Assert.All(_asked, url => Assert.True(url.StartsWith(_running.Server.Address.ToString(), StringComparison.Ordinal) || url == "data:,", url));
        Assert.Empty(_complaints);
        Assert.Equal("", await Text("#what"));
    }

    private async Task Click(string selector) => await (await _page.WaitForSelectorAsync(selector)).ClickAsync();

    private Task Until(string expression) => _page.WaitForExpressionAsync(expression);

    private Task<string> Text(string selector) => _page.EvaluateFunctionAsync<string>("selector => document.querySelector(selector).textContent", selector);

    private async Task HoverOver(int x, int y)
    {
        (decimal left, decimal top) = await At(x, y);
        await _page.Mouse.MoveAsync(left, top);
    }

    // The strongest colour of what is drawn over each of these pixels of the picture.
    private async Task<string[]> Drawn(params (int X, int Y)[] pixels)
    {
        int[] bytes = await _page.EvaluateExpressionAsync<int[]>("[...document.getElementById('marks').getContext('2d').getImageData(0, 0, 96, 64).data]");
        return [.. pixels.Select(pixel => bytes.AsSpan(4 * ((pixel.Y * Image.Width) + pixel.X), 3).ToArray())
            .Select(colour => new[] { "red", "green", "blue" }[Array.IndexOf(colour, colour.Max())])];
    }

    // Where a pixel of the picture is on the screen.
    private async Task<(decimal X, decimal Y)> At(int x, int y)
    {
        decimal[] box = await _page.EvaluateExpressionAsync<decimal[]>(
            "(box => [box.left, box.top, box.width, box.height])(document.getElementById('marks').getBoundingClientRect())");
        return (box[0] + (box[2] * (x + 0.5m) / Image.Width), box[1] + (box[3] * (y + 0.5m) / Image.Height));
    }
}
